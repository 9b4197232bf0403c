"""Free text of the journal's messages, indexed after they arrived. Derived data: it can be lost and is made anew.

SQLite: an FTS5 table of trigrams (contentless, `detail=none`) in a file of its own beside the database, so that its
merges never hold the database's write lock. It says which messages may hold a text; that they do is seen in their
bytes. Each use opens the file: another process may have replaced it. A reader who finds it damaged leaves a file
`….text.broken`, and the worker makes the index anew.

PostgreSQL: the table `message_text` under a pg_trgm index, which makes sure by itself. Where the extension could not
be created, the latest texts are read from end to end.

Ids rise in the order of commits (one writer at a time), so one mark says how far the index reaches.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import sqlalchemy as sa

from radrecon.model.errors import Trouble
from radrecon.store import tables as t
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.store.query_text import like_pattern

SHORTEST = 3  # letters: a trigram
VERSION = 2  # of the file's form and of how its texts are folded
UNINDEXED = 20_000  # latest texts that are read where PostgreSQL has no trigram index
TRIGRAMS_AT_MOST = 32  # of a long phrase: the rest is seen in the bytes
NO_EXTENSION = "PostgreSQL has no pg_trgm here: only the latest texts are searched (CREATE EXTENSION pg_trgm helps)"


class TextIndexBroken(Trouble):
    """The index cannot be read; the worker makes it anew."""


@dataclass(frozen=True)
class Mark:
    """How far the index reaches: the last message, the fingerprint of its bytes, and how many were indexed."""

    message_id: int = 0
    digest: bytes = b""
    entries: int = 0


class TextIndex(Protocol):
    """What both kinds of database do. `texts` are folded (see query_text)."""

    @property
    def limits(self) -> str:
        """What a person must know of it, "" for nothing."""

    def mark(self) -> Mark:
        """Raises TextIndexBroken."""

    def add(self, entries: Sequence[tuple[int, str]], mark: Mark) -> None:
        """Index texts and move the mark, both or neither."""

    def candidates(self, texts: Sequence[str], below: int, limit: int) -> list[int]:
        """Ids under `below` of messages that may hold all the texts, the latest first."""

    def rebuild(self) -> None:
        """Start again with nothing."""

    def close(self) -> None: ...


@contextlib.contextmanager
def open_index(store: Store) -> Iterator[TextIndex]:
    index: TextIndex = SqliteTexts(path_of(store)) if store.is_sqlite else PostgresTexts(store)
    try:
        yield index
    finally:
        index.close()


def path_of(store: Store) -> Path:
    return Path(f"{store.path}.text")


# -- SQLite -----------------------------------------------------------------------------------------------------------


class SqliteTexts:
    """One connection to the file of texts."""

    limits = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._conn: sqlite3.Connection | None = None

    def mark(self) -> Mark:
        if not self._path.exists() or self._broken.exists():
            return Mark()
        with self._guarded() as conn:
            if conn.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                return Mark()
            return Mark(*conn.execute("SELECT message_id, digest, entries FROM mark").fetchone())

    def add(self, entries: Sequence[tuple[int, str]], mark: Mark) -> None:
        with self._guarded() as conn:
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany("INSERT INTO entry(rowid, text) VALUES (?, ?)", entries)
            conn.execute("UPDATE mark SET message_id = ?, digest = ?, entries = ?", _values(mark))
            conn.execute("COMMIT")

    def candidates(self, texts: Sequence[str], below: int, limit: int) -> list[int]:
        query = "SELECT rowid FROM entry WHERE entry MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
        wanted = dict.fromkeys(trigram for text in texts for trigram in trigrams(text))
        match = " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in wanted)
        with self._guarded() as conn:
            return [row[0] for row in conn.execute(query, (match, below, limit))]

    def rebuild(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        with self._guarded() as conn:
            conn.execute(
                "CREATE VIRTUAL TABLE entry USING fts5(text, content='', detail=none, columnsize=0,"
                " tokenize='trigram case_sensitive 1')"
            )
            conn.execute("CREATE TABLE mark (message_id INTEGER, digest BLOB, entries INTEGER)")
            conn.execute("INSERT INTO mark VALUES (0, x'', 0)")
            conn.execute(f"PRAGMA user_version = {VERSION}")
        self._broken.unlink(missing_ok=True)

    def close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    @property
    def _broken(self) -> Path:
        return Path(f"{self._path}.broken")

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection]:
        """What is locked or full is trouble; what cannot be read is broken, and said so to the worker."""
        try:
            if self._conn is None:
                self._conn = _connect(self._path)
            yield self._conn
        except sqlite3.OperationalError as error:
            self.close()
            if "no such table" in str(error):
                raise self._say_broken(error) from error
            raise Trouble(f"index of texts: {error}") from error
        except (sqlite3.DatabaseError, TypeError) as error:  # TypeError: the mark has no row
            self.close()
            raise self._say_broken(error) from error

    def _say_broken(self, error: Exception) -> TextIndexBroken:
        with contextlib.suppress(OSError):
            self._broken.touch()
        return TextIndexBroken(f"the index of texts cannot be read and is made anew ({error})")


def _connect(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-16000"):
        conn.execute(f"PRAGMA {pragma}").close()
    return conn


def _values(mark: Mark) -> tuple[int, bytes, int]:
    return mark.message_id, mark.digest, mark.entries


def trigrams(text: str) -> list[str]:
    """All trigrams of a text, of a long one as many as find it."""
    last = len(text) - SHORTEST
    step = max(1, -(-last // TRIGRAMS_AT_MOST))
    return [text[at : at + SHORTEST] for at in (*range(0, last, step), last)]


# -- PostgreSQL -------------------------------------------------------------------------------------------------------

_x = t.message_text.c


class PostgresTexts:
    """On a connection of its own: indexing holds no lock that a writer waits for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._conn: Connection | None = None
        self._has_trigrams: bool | None = None

    @property
    def limits(self) -> str:
        return "" if self._indexed else NO_EXTENSION

    @property
    def _indexed(self) -> bool:
        if self._has_trigrams is None:
            query = "SELECT 1 FROM pg_indexes WHERE tablename = 'message_text' AND indexdef LIKE '%gin_trgm_ops%'"
            self._has_trigrams = self._run(sa.text(query)).first() is not None
        return self._has_trigrams

    def mark(self) -> Mark:
        return Mark(self._newest())

    def add(self, entries: Sequence[tuple[int, str]], mark: Mark) -> None:
        rows = [{"message_id": message_id, "text": text.replace("\0", "")} for message_id, text in entries]
        if rows:
            self._run(sa.insert(t.message_text).values(rows))

    def candidates(self, texts: Sequence[str], below: int, limit: int) -> list[int]:
        query = sa.select(_x.message_id).where(_x.message_id < below).order_by(_x.message_id.desc()).limit(limit)
        for text in texts:
            query = query.where(_x.text.like(like_pattern(text.replace("\0", ""), whole=False), escape="/"))
        if not self._indexed:
            query = query.where(_x.message_id > self._newest() - UNINDEXED)
        return list(self._run(query).scalars())

    def rebuild(self) -> None:
        """A database restored from its own backup has its texts with it: nothing is made anew."""

    def close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def _run(self, statement: sa.Executable) -> sa.CursorResult[Any]:
        try:
            if self._conn is None:
                self._conn = self._store.lone_connection()
            return cast("sa.CursorResult[Any]", self._conn.execute(statement))
        except sa.exc.OperationalError as error:
            self.close()
            raise DatabaseDown(f"database: {str(error.orig).strip()}") from error

    def _newest(self) -> int:
        return int(self._run(sa.select(sa.func.coalesce(sa.func.max(_x.message_id), 0))).scalar_one())
