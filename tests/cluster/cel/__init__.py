"""Tests of expressions in CEL."""
