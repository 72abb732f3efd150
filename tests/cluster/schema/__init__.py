"""Tests of the schemas of custom resources."""
