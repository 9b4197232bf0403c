"""Frozen values in the standards' own terms; they import nothing of radrecon."""
