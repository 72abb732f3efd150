"""Tests of admission: defaults, preparation, plugins, validation."""
