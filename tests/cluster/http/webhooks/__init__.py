"""Tests of admission webhooks."""
