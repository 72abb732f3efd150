"""Tests of the four patch types."""
