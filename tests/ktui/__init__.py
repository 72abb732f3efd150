"""Tests of the app and its parts."""
