"""Tests of reading and writing manifests."""
