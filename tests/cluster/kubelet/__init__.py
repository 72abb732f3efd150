"""Tests of the kubelets."""
