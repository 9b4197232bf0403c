"""A study is said to be available at a PACS: have it looked at there (PS3.4 annex R)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from radrecon.config import Config
from radrecon.store.database import Store
from radrecon.workflow.arriving import ask_look


def heard(store: Store, config: Config, uid: str, ae_titles: Collection[str], caller: str, now: datetime) -> bool:
    """Ask the PACS that are named, else the one that says so, else all. False where too much is asked already."""
    wanted = places(config, ae_titles, caller)
    with store.transaction() as conn:
        asked = [ask_look(conn, name, uid, now) for name in wanted]
    return all(asked)


def places(config: Config, ae_titles: Collection[str], caller: str) -> list[str]:
    for titles in (ae_titles, (caller,)):
        if named := [pacs.name for pacs in config.pacs if pacs.ae_title in titles]:
            return named
    return [pacs.name for pacs in config.pacs]
