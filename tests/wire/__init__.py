"""wire tests."""
