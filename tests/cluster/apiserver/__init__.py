"""Tests of cluster.apiserver."""
