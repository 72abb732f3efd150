"""Tests of the validation of custom resources and their definitions."""
