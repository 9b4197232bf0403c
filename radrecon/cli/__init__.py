"""The command line: one module per noun, imported lazily."""
