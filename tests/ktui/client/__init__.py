"""Tests of the clients and their feeds."""
