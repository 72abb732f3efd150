"""The checks of both packages, laid out as they are."""
