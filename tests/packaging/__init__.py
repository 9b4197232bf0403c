"""packaging tests."""
