"""Archives that do not give a whole list: by Orthanc's own limit, by refusing what is too long, by one bad answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, evt, service_class

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.services.pacs_query import FIND, CutShort, find_instances, list_studies
from radrecon.sim import pacs
from radrecon.store.database import Store
from radrecon.workflow import feed
from tests.wire.outbox_desk import migrated, store
from tests.wire.pacs_peers import OWN_AE
from tests.wire.test_study_feed import Ward

__all__ = ["migrated", "store"]
TODAY = date.today()
LARGE = {"small_up_to": 100, "sweep_pause_seconds": 0, "sweep_every_minutes": 0}


class Limited:
    """An archive that gives no more than `most` answers to a question and then ends with `status`.

    `refuses`: it gives none of them then. UIDs in `unreadable` come in a character set that is none.
    """

    def __init__(self, status: int, *, refuses: bool = False) -> None:
        self.status, self.refuses, self.most = status, refuses, 2
        self.days: dict[str, str] = {}
        self.unreadable: set[str] = set()

    def holds(self, *days: date) -> list[str]:
        self.days = {f"1.2.3.{number}": f"{day:%Y%m%d}" for number, day in enumerate(days, 1)}
        return list(self.days)

    def find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        asked = event.identifier
        first, dash, last = str(asked.get("StudyDate") or "-").partition("-")
        last = (last or "9") if dash else first
        found = [uid for uid, day in self.days.items() if first <= day <= last]
        found = [uid for uid in found if asked.StudyInstanceUID in ("", uid)]
        if asked.QueryRetrieveLevel != "STUDY":
            found = []
        for uid in [] if self.refuses and len(found) > self.most else found[: self.most]:
            yield 0xFF00, self.answer(uid)
        if len(found) > self.most:
            yield self.status, None

    def answer(self, uid: str) -> Dataset:
        answer = Dataset()
        if uid in self.unreadable:
            answer.SpecificCharacterSet = "ISO_IR 144"
        answer.QueryRetrieveLevel, answer.StudyInstanceUID, answer.PatientID = "STUDY", uid, f"P{uid}"
        answer.StudyDate, answer.NumberOfStudyRelatedInstances = self.days[uid], 1
        return answer


@pytest.fixture(autouse=True)
def no_character_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an archive writes with a NUL in it, no library of ours writes."""
    encode = service_class.encode
    monkeypatch.setattr(
        service_class, "encode", lambda *asked: (encode(*asked) or b"").replace(b"ISO_IR 144", b"ISO_IR\x00144")
    )


@contextmanager
def serving(archive: Limited) -> Iterator[PacsConfig]:
    entity = AE(ae_title="LIMITED")
    entity.add_supported_context(FIND)
    entity.add_supported_context("1.2.840.10008.1.1")
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, archive.find)])
    try:
        yield PacsConfig(name="limited", ae_title="LIMITED", port=server.server_address[1], profile="overwrite")
    finally:
        server.shutdown()


def ward(store: Store, config: PacsConfig, folder: Path) -> Ward:
    return Ward(store, SimpleNamespace(config=config), folder, **LARGE)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [0xA700, 0xB001, 0xFE00])
def test_what_came_of_a_list_that_is_too_long_is_told_and_that_there_is_more(status: int) -> None:
    archive = Limited(status)
    uids = archive.holds(TODAY, TODAY, TODAY)
    with serving(archive) as config:
        listing = list_studies(config, OWN_AE)
        assert [next(listing).study_instance_uid for _ in range(2)] == uids[:2]
        with pytest.raises(CutShort, match=f"limited answered {status:04X} to the query"):
            next(listing)


@pytest.mark.parametrize(
    ("status", "refuses"), [(0xFE00, False), (0xA700, False), (0xA700, True)], ids=["Orthanc", "A700", "refuses"]
)
async def test_an_archive_with_a_limit_is_followed_and_swept_in_smaller_lists(
    store: Store, tmp_path: Path, status: int, refuses: bool
) -> None:
    archive = Limited(status, refuses=refuses)
    yesterday, long_ago = TODAY - timedelta(days=1), date(2011, 2, 3)
    new = archive.holds(TODAY, yesterday, yesterday, long_ago, long_ago + timedelta(days=40), date(2009, 1, 1))
    with serving(archive) as config:
        one = ward(store, config, tmp_path)
        assert await one.feed.look() == ""
        assert all(one.known(uid) for uid in new[:3])
        swept = await one.sweeps()
        assert all(one.known(uid) for uid in new)
        assert one.state.baseline_done
        assert (one.state.up, swept.mode) == (True, "small")
        assert not any(one.study(uid).gone for uid in new)


async def test_an_archive_that_refuses_the_smallest_list_is_a_failure_and_never_an_empty_one(
    store: Store, tmp_path: Path
) -> None:
    archive = Limited(0xA700, refuses=True)
    archive.holds(TODAY, TODAY, TODAY)
    with serving(archive) as config:
        one = ward(store, config, tmp_path)
        assert await one.feed.look() == "limited answered A700 to the query"
        assert (one.state.up, one.state.baseline_done) == (False, False)


async def test_an_orthanc_with_a_limit_is_followed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pacs.orthanc_program() is None:
        pytest.skip("Orthanc is not installed")
    settings = pacs._orthanc_settings
    monkeypatch.setattr(pacs, "_orthanc_settings", lambda *asked: settings(*asked) | {"LimitFindResults": 2})
    with pacs.orthanc(tmp_path / "limited") as running:
        one = Ward(store, running, tmp_path, **LARGE)
        old = [one.arrives(StudyDate=day) for day in ("20110203", "20110204", "20150101", "")]
        new = [one.arrives(StudyDate=f"{TODAY:%Y%m%d}") for _ in range(2)]
        assert await one.feed.look() == ""
        assert all(one.known(uid) for uid in new)
        if feed.state(store, one.pacs.name).mode == "large":  # 1.12 keeps no such limit: one look sees everything
            await one.sweeps()
        assert all(one.known(uid) for uid in old)


async def test_an_answer_that_cannot_be_read_hides_no_other(store: Store, tmp_path: Path) -> None:
    archive = Limited(0xA700)
    archive.most = 100
    bad, good = archive.holds(TODAY, TODAY)
    with serving(archive) as config:
        one = ward(store, config, tmp_path)
        assert await one.feed.look() == ""
        archive.unreadable = {bad}
        later = "1.2.3.9"
        archive.days[later] = f"{TODAY:%Y%m%d}"
        assert await one.feed.look() == ""
        assert one.known(later)
        assert not one.study(bad).gone
        assert not one.study(good).gone


def test_an_edit_misses_no_image_of_a_list_that_is_cut_or_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Limited(0xFE00)
    uids = archive.holds(TODAY, TODAY, TODAY)
    find = archive.find

    def series(event: Any) -> Iterator[tuple[int, Dataset | None]]:
        event.identifier.QueryRetrieveLevel, event.identifier.StudyInstanceUID = "STUDY", ""
        yield from find(event)

    monkeypatch.setattr(archive, "find", series)
    with serving(archive) as config:
        with pytest.raises(PeerTrouble, match="FE00"):
            find_instances(config, OWN_AE, uids[0])
        archive.most, archive.unreadable = 100, {uids[1]}
        with pytest.raises(PeerTrouble, match="cannot be read"):
            find_instances(config, OWN_AE, uids[0])
