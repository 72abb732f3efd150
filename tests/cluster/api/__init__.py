"""Tests of the API's values."""
