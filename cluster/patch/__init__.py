"""Patches: documents that say how another document is to change."""
