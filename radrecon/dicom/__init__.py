"""dataset ↔ model, pure: upper layer, worklist identifiers, study facts, header edits."""
