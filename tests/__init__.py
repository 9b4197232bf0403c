"""The tests; `python -m tests` runs every check (format, lint, types, layering, tests) in one go."""
