"""Everything looked at again where others look too: they get pages ahead of the position, which follows in order.

One writes: what others name is examined here as ever (`rechecking.look_again`), and so is each page that nobody answers
for. The position moves over pages that are done, from the first on; whatever lies beyond it is looked at again by a
worker that comes after this one, and comes to the same.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from radrecon.store import recheck
from radrecon.store.database import Connection, Store
from radrecon.store.recheck import Recheck
from radrecon.workflow import rechecking
from radrecon.workflow.rechecking import BITE, PAGE

MOST = 64  # pages beyond the position
WAIT = 0.05  # seconds for answers, where there is nothing else to do
OVERDUE = 3.0  # seconds without an answer, after which a page that holds up the others is looked at here


class Lookers(Protocol):
    """Others who can look at pages (`looking.named`)."""

    def ask(self, number: int, stage: str, ids: Sequence[int], now: datetime) -> bool:
        """Whether one of them takes this page."""

    def answers(self, seconds: float) -> Mapping[int, Sequence[int] | None]:
        """By the number of the page, what is named; None: nobody will answer. Waits at most so long for the first."""


@dataclass
class Page:
    """`named`: what is to be examined in it, None until that is known."""

    number: int
    ids: Sequence[int]
    asked_at: float
    named: Sequence[int] | None = None


class Ahead:
    """What has been given out, and what has come back. It forgets all of it where anything is not as it left it."""

    def __init__(self, lookers: Lookers) -> None:
        self._lookers = lookers
        self._numbers = 0
        self._forget(None)

    def _forget(self, one: Recheck | None) -> None:
        self._at = _place(one)
        self._pages: deque[Page] = deque()
        self._after = one.position if one else 0
        self._all_out = False

    def some(self, store: Store, now: datetime, seconds: float = BITE) -> bool:
        """One bite, as `rechecking.some`; returns whether there is more."""
        until = time.monotonic() + seconds
        try:
            while more := self._turn(store, now, until):
                if time.monotonic() > until:
                    break
            return more
        except BaseException:
            self._forget(None)
            raise

    def _turn(self, store: Store, now: datetime, until: float) -> bool:
        self._take(0.0)
        with store.reading() as conn:
            one = recheck.under_way(conn)
            if self._at != _place(one):
                self._forget(one)
            if one:
                self._give_out(conn, one, now)
        if one is None:
            return False
        done = self._examined(store, one, now, until)
        if done or (self._all_out and not self._pages):
            more = rechecking.advance(store, one, done, now)
            self._at = (one.id, one.stage, done[-1]) if done else None
            return more
        self._help(store, one, now, until)
        return True

    def _give_out(self, conn: Connection, one: Recheck, now: datetime) -> None:
        while len(self._pages) < MOST and (page := self._next(conn, one)):
            if not self._lookers.ask(page.number, one.stage, page.ids, now):
                return
            self._add(page)

    def _next(self, conn: Connection, one: Recheck) -> Page | None:
        ids = recheck.page(conn, one, PAGE, self._after)
        self._all_out = not ids
        self._numbers += 1  # never one that was given out before: its answer may still come
        return Page(self._numbers, ids, time.monotonic()) if ids else None

    def _add(self, page: Page) -> None:
        self._pages.append(page)
        self._after = page.ids[-1]

    def _take(self, seconds: float) -> None:
        found = self._lookers.answers(seconds)
        for page in self._pages:
            if page.named is None and page.number in found:
                said = found[page.number]
                page.named = page.ids if said is None else said

    def _examined(self, store: Store, one: Recheck, now: datetime, until: float) -> list[int]:
        """The ids of those first pages that are known, once what was named in them is as it should be."""
        done: list[int] = []
        while self._pages and (named := self._pages[0].named) is not None:
            rechecking.look_again(store, one.stage, named, now)
            done += self._pages.popleft().ids
            if time.monotonic() > until:
                break
        return done

    def _help(self, store: Store, one: Recheck, now: datetime, until: float) -> None:
        """Look at a page here: the next one, or the one that all wait for."""
        page = self._own(store, one)
        if page is None:
            self._take(max(0.0, min(WAIT, until - time.monotonic())))
            page = self._overdue()
        if page:
            rechecking.look_again(store, one.stage, page.ids, now)
            page.named = ()

    def _overdue(self) -> Page | None:
        first = self._pages[0] if self._pages else None
        late = first and first.named is None and time.monotonic() - first.asked_at > OVERDUE
        return first if late else None

    def _own(self, store: Store, one: Recheck) -> Page | None:
        if len(self._pages) >= MOST:
            return None
        with store.reading() as conn:
            page = self._next(conn, one)
        if page:
            self._add(page)
        return page


def _place(one: Recheck | None) -> tuple[int, str, int] | None:
    return (one.id, one.stage, one.position) if one else None


__all__ = ["Ahead", "Lookers"]
