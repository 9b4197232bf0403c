"""Asking a PACS for its studies by QIDO-RS (PS3.18 10.6). All of it blocks.

Servers differ: some ignore an includefield, some refuse one, some cut pages short of the limit that was asked for, some
give no counts. What is not told at one level is asked at the next.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import httpx
from pydicom.dataset import Dataset

from radrecon.config import PacsConfig
from radrecon.dicom.dicomweb import dataset
from radrecon.dicom.identity import text
from radrecon.dicom.study import DETAIL_KEYS, SERIES_ITEMS, SERIES_KEYS, STUDY_KEYS, count, study_facts
from radrecon.model.errors import PeerTrouble
from radrecon.model.study import StudyFacts
from radrecon.services.pacs_query import CutShort, no_pause, under_several

PAGE = 200
CONNECT_SECONDS, ANSWER_SECONDS = 10, 120
LISTED = ("StudyInstanceUID", "StudyDate", *STUDY_KEYS)


class Qido:
    """A connection to one server; `pace` is called before each request."""

    def __init__(self, pacs: PacsConfig, pace: Callable[[], None] = no_pause, page: int = PAGE) -> None:
        self._pacs, self._pace, self._page = pacs, pace, page
        self._fields = True  # until the server refuses them
        self._whole = 2  # answers: no page of fewer is cut short
        secret = os.environ.get(pacs.rest_password_env, "") if pacs.rest_password_env else ""
        self._client = httpx.Client(
            base_url=base_url(pacs),
            auth=(pacs.rest_user, secret) if pacs.rest_user else None,
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            headers={"Accept": "application/dicom+json"},
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def studies(self, date_from: str | None = None, date_to: str | None = None) -> Iterator[StudyFacts]:
        """Studies of a range of dates (ISO, both ends open where None) without their series, page by page."""
        ends = [(end or "").replace("-", "") for end in (date_from, date_to)]
        wanted = {"StudyDate": "-".join(ends)} if any(ends) else {}
        for answer in self._all("/studies", LISTED, "StudyInstanceUID", wanted):
            yield study_facts(self._pacs.name, answer)

    def study(self, uid: str) -> StudyFacts | None:
        """A fresh answer for one study, with its series; None if the server has it not. Raises ListedTwice."""
        wanted = {"StudyInstanceUID": uid}
        found = list(self._page_of("/studies", (*LISTED, *DETAIL_KEYS), wanted, 0)[0])
        answers = [one for one in found if text(one, "StudyInstanceUID") == uid]
        if len({text(answer, "PatientID") for answer in answers}) > 1:
            raise under_several(self._pacs, answers)
        return study_facts(self._pacs.name, answers[0], self._series(uid)) if answers else None

    def _series(self, uid: str) -> list[Dataset]:
        path = f"/studies/{quote(uid, safe='')}/series"
        found = list(self._all(path, (*SERIES_KEYS, *SERIES_ITEMS), "SeriesInstanceUID", {}))
        for one in found:
            if not count(one, "NumberOfSeriesRelatedInstances"):
                below = f"{path}/{quote(text(one, 'SeriesInstanceUID'), safe='')}/instances"
                number = sum(1 for _ in self._all(below, ("SOPInstanceUID",), "SOPInstanceUID", {}))
                one.NumberOfSeriesRelatedInstances = number
        return found

    def _all(self, path: str, keywords: Sequence[str], unique: str, wanted: dict[str, str]) -> Iterator[Dataset]:
        """Every answer once. A server that knows no offset repeats itself, and that is the end.

        Many give no more than they like, whatever the limit, and do not say so: what comes behind a page is asked for
        unless longer ones have been whole.
        """
        seen: set[str] = set()
        offset, before, more = 0, 0, True
        while more:
            page, cut = self._page_of(path, keywords, wanted, offset)
            fresh = {uid: one for one in page if (uid := text(one, unique)) and uid not in seen}
            yield from fresh.values()
            seen |= fresh.keys()
            offset += len(page)
            self._whole = max(self._whole, 0 if fresh else before)
            more, before = bool(fresh) and (cut or len(page) >= min(self._whole, self._page)), len(page)

    def _page_of(
        self, path: str, keywords: Sequence[str], wanted: dict[str, str], offset: int
    ) -> tuple[list[Dataset], bool]:
        """One page, and whether the server says that it cut it short (a Warning header, 10.6.3.2)."""
        paging = {"limit": str(self._page), "offset": str(offset)}
        fields = [("includefield", keyword) for keyword in keywords] if self._fields else []
        answer = self._get(path, [*(wanted | paging).items(), *fields])
        if answer.status_code == httpx.codes.NOT_FOUND and path != "/studies":
            return [], False  # the study went while it was asked for
        if answer.status_code == httpx.codes.BAD_REQUEST and fields:
            self._fields = False
            return self._page_of(path, keywords, wanted, offset)
        return [dataset(one, keywords) for one in self._read(answer)], "warning" in answer.headers

    def _get(self, path: str, query: list[tuple[str, str | int | float | bool | None]]) -> httpx.Response:
        self._pace()
        try:
            return self._client.get(path, params=httpx.QueryParams(query))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PeerTrouble(f"{self._pacs.name} at {base_url(self._pacs)} cannot be reached ({error})") from error

    def _read(self, answer: httpx.Response) -> list[Any]:
        if answer.status_code == httpx.codes.NO_CONTENT:
            return []
        if answer.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
            # 413: too many studies match (PS3.18 10.6.3.1)
            trouble = CutShort if answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE else PeerTrouble
            raise trouble(f"{self._pacs.name} answered {answer.status_code} {answer.reason_phrase} to the query")
        try:
            found = answer.json() if answer.content.strip() else []
        except (ValueError, RecursionError) as error:
            raise PeerTrouble(f"{self._pacs.name} sent an answer that cannot be read") from error
        if not isinstance(found, list):
            raise PeerTrouble(f"{self._pacs.name} sent an answer that is no list of studies")
        return found


def base_url(pacs: PacsConfig) -> str:
    """Where the services are: as configured, else below Orthanc's REST interface."""
    if pacs.qido_url:
        return pacs.qido_url.rstrip("/")
    return pacs.rest_url.rstrip("/") + ("/dicom-web" if pacs.profile == "orthanc" else "")
