"""Schema history: one module per step, never edited once released."""
