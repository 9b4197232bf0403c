"""Orthanc's list of changes: what came or changed there since a position (REST `/changes`; checked against 1.10.1).

It tells nothing of what was deleted: only being asked does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from radrecon.config import PacsConfig
from radrecon.dicom.identity import iso_date_time
from radrecon.model.errors import PeerTrouble
from radrecon.services import pacs_rest
from radrecon.services.pacs_query import no_pause

TELLING = {
    "NewStudy", "NewSeries", "NewInstance", "StableStudy", "StableSeries", "CompletedSeries", "ModifiedStudy",
    "AnonymizedStudy",
}  # fmt: skip
PAGE = 500


@dataclass(frozen=True)
class Changes:
    """One page: Orthanc's ids of what changed, the position reached, and whether there is more."""

    resources: tuple[str, ...]
    last: int
    done: bool


class ChangeReader:
    """One kept connection to an Orthanc; `pace` is called before each request but the cheap one for changes."""

    def __init__(self, pacs: PacsConfig, pace: Callable[[], None] = no_pause) -> None:
        self._pacs, self._pace = pacs, pace
        self._open = ExitStack()
        self._rest = self._open.enter_context(pacs_rest.connected(pacs))

    def close(self) -> None:
        self._open.close()

    def last(self) -> int:
        """The position of the newest change."""
        return self._changes("/changes?last").last

    def since(self, position: int, limit: int = PAGE) -> Changes:
        """What changed after a position. `last` below it: this Orthanc counts anew, its database is another."""
        return self._changes(f"/changes?since={position}&limit={limit}")

    def study_uids(self, resources: Sequence[str]) -> list[str]:
        """The studies that resources belong to, each once; what is gone meanwhile is left out."""
        self._pace()
        asked = {"Resources": list(resources), "Level": "Study"}
        found = self._rest.ask("POST", "/tools/bulk-content", json=asked)
        return list(dict.fromkeys(uid for one in self._list(found) if (uid := _uid(one))))

    def charset(self) -> str:
        """What it answers queries in, whatever they ask for; "" where it does not say."""
        try:
            return self._rest.ask("GET", "/tools/default-encoding").text.strip().strip('"')
        except PeerTrouble:
            return ""

    def undated(self) -> Iterator[str]:
        """UIDs of the studies that carry no date, a page of all at a time."""
        offset = 0
        while True:
            self._pace()
            page = self._list(self._rest.ask("GET", f"/studies?since={offset}&limit={PAGE}&expand"))
            yield from (uid for one in page if not iso_date_time(_tag(one, "StudyDate"), "") and (uid := _uid(one)))
            offset += len(page)
            if len(page) < PAGE:
                return

    def _changes(self, path: str) -> Changes:
        try:
            found = self._rest.ask("GET", path).json()
            resources = [one["ID"] for one in found["Changes"] if one["ChangeType"] in TELLING]
            return Changes(tuple(dict.fromkeys(resources)), int(found["Last"]), bool(found["Done"]))
        except (ValueError, KeyError, TypeError) as error:
            raise PeerTrouble(f"{self._pacs.name} sent a list of changes that cannot be read") from error

    def _list(self, answer: Any) -> list[Any]:
        try:
            found = answer.json()
        except ValueError as error:
            raise PeerTrouble(f"{self._pacs.name} sent an answer that cannot be read") from error
        return found if isinstance(found, list) else []


def _uid(study: Any) -> str:
    return _tag(study, "StudyInstanceUID")


def _tag(study: Any, keyword: str) -> str:
    tags = study.get("MainDicomTags") if isinstance(study, dict) else None
    return str(tags.get(keyword, "")).strip() if isinstance(tags, dict) else ""
