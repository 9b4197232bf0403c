"""What is asked of a PACS over DIMSE, in one place. All of it blocks: for worker threads."""

from __future__ import annotations

from radrecon.services.pacs_query import ListedTwice, echo, find_studies, find_study, list_studies, with_series
from radrecon.services.pacs_retrieve import retrieve
from radrecon.services.pacs_store import store

__all__ = ["ListedTwice", "echo", "find_studies", "find_study", "list_studies", "retrieve", "store", "with_series"]
