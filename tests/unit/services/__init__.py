"""Parts of the services that need no wire."""
