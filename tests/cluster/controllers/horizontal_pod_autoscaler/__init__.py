"""Tests of the autoscaler controller."""
