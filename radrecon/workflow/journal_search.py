"""Search the journal: by business keys, which its messages were indexed with, and by any text in them.

`text:effusion` and a phrase in quotes look into the messages' text; a bare word looks for keys, and into the text
where no key begins with it. The index of texts names candidates, their bytes decide. Work is bounded: a search that
would have to look at too much stops and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from radrecon.model.errors import Trouble
from radrecon.model.rows import MessageRow, MessageSearch
from radrecon.store import journal_texts, settings
from radrecon.store.database import Store
from radrecon.store.list_messages import KEY_KINDS, matching, newest_id
from radrecon.store.query_text import Query, Term, fold, parse
from radrecon.store.text_index import SHORTEST, TextIndex, TextIndexBroken, open_index
from radrecon.workflow.intake import Site
from radrecon.workflow.text_indexing import text_of

READ_AT_MOST = 1_500  # messages whose bytes one search looks at
NAMED_AT_MOST = 60_000  # candidates of the index that are held against the other terms
FEW = 1_000  # messages that other terms leave: they are read without asking the index
FIRST_PAGE, PAGE = 100, 1_600  # candidates asked for at once: few while most of them hold, more while few do
AT_ONCE = 50  # messages that are read before looking whether that is enough
BEFORE, BEHIND = 40, 60  # letters around what was found
END = 1 << 62
WILDCARDS = {"*": r"[^\r\n]*", "?": "."}


@dataclass(frozen=True)
class Asked:
    """A search taken apart. `texts` are free text, `rest` what rows can answer."""

    rest: Query
    texts: tuple[Term, ...]
    direction: str
    state: str
    limit: int

    def rows(self, store: Store, limit: int) -> list[MessageRow]:
        with store.reading() as conn:
            return matching(conn, self.rest, direction=self.direction, state=self.state, limit=limit)

    def among(self, store: Store, ids: Sequence[int]) -> list[MessageRow]:
        """Those of these messages that the rest leaves."""
        with store.reading() as conn:
            return matching(conn, self.rest, direction=self.direction, state=self.state, limit=len(ids), among=ids)

    @property
    def is_text_only(self) -> bool:
        return not (self.rest.terms or self.rest.ages or self.direction or self.state)


def search(store: Store, query: str, *, direction: str = "", state: str = "", limit: int = 200) -> MessageSearch:
    """The latest first. Raises Trouble in one line for what cannot be looked for."""
    parsed = parse(query)
    texts = tuple(term for term in parsed.terms if term.key == "text" or term.quoted)
    rest = replace(parsed, terms=tuple(term for term in parsed.terms if term not in texts))
    asked = Asked(rest, texts, direction, state, limit)
    if texts:
        return _by_text(store, asked)
    rows = asked.rows(store, limit)
    words = _words(parsed)
    if rows or not words:
        return MessageSearch(tuple(rows))
    found = _by_text(store, replace(asked, rest=replace(parsed, terms=_others(parsed)), texts=words))
    return replace(found, notes=(f"no key begins with {_said(words)}: looked for in the text", *found.notes))


def _words(query: Query) -> tuple[Term, ...]:
    """The bare words, if each is long enough to be looked for in the text; nothing else if one is not."""
    words = tuple(term for term in query.terms if not term.key and not term.negative)
    return words if all(_pieces(word.value) for word in words) else ()


def _others(query: Query) -> tuple[Term, ...]:
    return tuple(term for term in query.terms if term.key or term.negative)


def _said(words: Sequence[Term]) -> str:
    return " or ".join(word.value for word in words)


# -- free text --------------------------------------------------------------------------------------------------------


def _by_text(store: Store, asked: Asked) -> MessageSearch:
    for term in asked.texts:
        if not _pieces(term.value):
            raise Trouble(f"free text needs at least {SHORTEST} characters: {term.value!r}")
    with store.reading() as conn:
        newest, site = newest_id(conn), Site(settings.load_config(conn))
    with open_index(store) as index:
        try:
            reaches, limits = index.mark().message_id, index.limits
            rows, cut = _found(store, index, asked, Reader(store, asked, site), reaches)
        except TextIndexBroken as broken:
            return MessageSearch((), 0, newest, (str(broken),))
    notes = [f"indexed up to message {reaches:,} of {newest:,}", limits, cut]
    return MessageSearch(tuple(rows), reaches, newest, tuple(filter(None, notes)))


def _found(store: Store, index: TextIndex, asked: Asked, reader: Reader, reaches: int) -> tuple[list[MessageRow], str]:
    """The rows, and what has to be said of a search that stopped early."""
    positive = [piece for term in asked.texts if not term.negative for piece in _pieces(term.value)]
    if not positive or any(term.key in KEY_KINDS and not term.negative for term in asked.rest.terms):
        rows = asked.rows(store, FEW + 1)
        if len(rows) <= FEW or not positive:
            return reader.read([[row.id for row in rows[:FEW]]]), _cut(len(rows) > FEW, FEW)
    pages = _pages(store, index, asked, positive) if reaches else iter(())
    rows = reader.read(pages)
    return rows, _cut(reader.stopped or reader.seen >= NAMED_AT_MOST, reader.seen)


def _pages(store: Store, index: TextIndex, asked: Asked, positive: Sequence[str]) -> Iterator[list[int]]:
    """Candidates that the other terms leave, the latest first, page by page."""
    below, named, page = END, 0, FIRST_PAGE
    while named < NAMED_AT_MOST:
        ids = index.candidates(positive, below, page)
        if not ids:
            return
        page = min(4 * page, PAGE)
        yield ids if asked.is_text_only else [row.id for row in asked.among(store, ids)]
        below, named = ids[-1], named + len(ids)


def _cut(stopped: bool, seen: int) -> str:
    return f"stopped after {seen:,} messages: older ones may hold it too; narrow the search" if stopped else ""


class Reader:
    """Reads messages until enough of them hold what is looked for, or too many were read."""

    def __init__(self, store: Store, asked: Asked, site: Site) -> None:
        self._store, self._site, self._limit = store, site, asked.limit
        self._wanted = [_pattern(term.value) for term in asked.texts if not term.negative]
        self._unwanted = [_pattern(term.value) for term in asked.texts if term.negative]
        self.seen, self.stopped = 0, False

    def read(self, pages: Iterable[list[int]]) -> list[MessageRow]:
        """`pages` are ids, the latest first."""
        found: dict[int, str] = {}
        for ids in (page[at : at + AT_ONCE] for page in pages for at in range(0, len(page), AT_ONCE)):
            found |= self._of(ids)
            self.stopped = self.seen >= READ_AT_MOST and len(found) < self._limit
            if self.stopped or len(found) >= self._limit:
                break
        with self._store.reading() as conn:
            rows = matching(conn, Query(), among=list(found), limit=self._limit)
        return [replace(row, found=found[row.id]) for row in rows]

    def _of(self, ids: Sequence[int]) -> dict[int, str]:
        """Id → what stands around the text, of those that hold it."""
        self.seen += len(ids)
        with self._store.reading() as conn:
            hits = {one.id: self._hit(text_of(one, self._site)) for one in journal_texts.of(conn, ids)}
        return {message_id: hit for message_id, hit in hits.items() if hit is not None}

    def _hit(self, text: str) -> str | None:
        """What stands around the first text, "" where only others must be absent; None where one does not hold."""
        folded = fold(text)
        hits = [pattern.search(folded) for pattern in self._wanted]
        if not all(hits) or any(pattern.search(folded) for pattern in self._unwanted):
            return None
        first = hits[0] if hits else None
        return snippet(text if len(text) == len(folded) else folded, *first.span()) if first else ""


def snippet(text: str, start: int, end: int) -> str:
    """A place in a text with what stands around it, on one line."""
    cut = text[max(0, start - BEFORE) : end + BEHIND]
    return ("…" if start > BEFORE else "") + " ".join(cut.split()) + ("…" if end + BEHIND < len(text) else "")


def _pieces(value: str) -> list[str]:
    """What the index is asked for: the parts between wildcards that are long enough."""
    return [piece for piece in re.split(r"[*?]+", fold(value)) if len(piece) >= SHORTEST]


def _pattern(value: str) -> re.Pattern[str]:
    """The folded text; `*` stands for anything within a segment, `?` for one letter."""
    return re.compile("".join(WILDCARDS.get(one) or re.escape(one) for one in fold(value)))
