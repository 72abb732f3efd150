"""Tests of the app: keys in, screens out."""
