"""Table models: plain rows in, cells out; they know no queries."""
