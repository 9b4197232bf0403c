"""Use cases on a real database: messages and looks in, cases, links and deliveries out."""
