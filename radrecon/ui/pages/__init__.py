"""One page per screen; a page loads rows, shows them, and calls verbs."""
