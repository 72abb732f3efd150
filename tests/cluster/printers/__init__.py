"""Tests of rows, columns and tables."""
