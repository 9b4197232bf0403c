"""Where the files of a study lie while it is edited, and as they were for some days after."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import platformdirs

from radrecon.store.database import Store

DAY = 86_400.0


def root(store: Store) -> Path:
    """Beside the SQLite file; with PostgreSQL in the user's data directory."""
    return Path(f"{store.path}.originals") if store.path else platformdirs.user_data_path("radrecon") / "originals"


def folder(store: Store, delivery_id: int) -> Path:
    """The folder of one delivery, the same at each try."""
    path = root(store) / str(delivery_id)
    path.mkdir(parents=True, exist_ok=True)
    return path


def trouble(error: OSError) -> str:
    """In words, for who has to make room: a disk that is full or may not be written."""
    return f"the images cannot be kept here: {error.strerror or error}; trying again"


def purge(store: Store, days: int, keep: frozenset[int] = frozenset()) -> int:
    """Remove what is older, but nothing of the deliveries in `keep`; returns how many folders went."""
    if not root(store).is_dir():
        return 0
    old = [
        path
        for path in root(store).iterdir()
        if path.name.isdigit() and int(path.name) not in keep and time.time() - path.stat().st_mtime > days * DAY
    ]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)
