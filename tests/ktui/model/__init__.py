"""Tests of the models: no terminal, no event loop."""
