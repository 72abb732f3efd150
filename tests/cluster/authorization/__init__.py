"""The checks of authorization."""
