"""Command line tests."""
