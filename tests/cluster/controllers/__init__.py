"""Tests of cluster.controllers."""
