"""Tests of the defaults of every kind."""
