"""Decisions, pure: normalise, compare, match, classify, plan, verify. No clock, no socket, no database."""
