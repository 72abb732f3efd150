"""Tests of the widgets, each in an app of its own."""
