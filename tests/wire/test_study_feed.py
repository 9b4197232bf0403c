"""The feed of one Orthanc: what is new, changed and gone there, and a PACS that goes away and comes back."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydicom.uid import generate_uid
from structlog.testing import capture_logs

from radrecon.config import Config, PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.model.study import FeedState, Study, StudyFacts
from radrecon.services import pacs_dimse
from radrecon.services.study_feed import StudyFeed
from radrecon.sim import pacs
from radrecon.sim.pacs import RunningPacs, free_port
from radrecon.store import listings, studies
from radrecon.store import tables as t
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import feed
from tests.wire.outbox_desk import migrated, store, until
from tests.wire.pacs_peers import make_study, put

__all__ = ["migrated", "store"]
pytestmark = pytest.mark.filterwarnings(
    # pynetdicom drops the socket of a refused connection without closing it
    "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPacs]:
    """An Orthanc whose studies are only this file's."""
    if pacs.orthanc_program() is None:
        pytest.skip("Orthanc is not installed")
    with pacs.orthanc(tmp_path_factory.mktemp("own")) as running:
        yield running


class Ward:
    """A feed, the archive that it looks at, and the database that it fills."""

    def __init__(self, store: Store, own: RunningPacs, folder: Path, **peer: Any) -> None:
        self.store, self.folder = store, folder
        self.pacs = own.config.model_copy(update=peer)
        self.feed = StudyFeed(store, Config(pacs=[self.pacs]), self.pacs)
        weakref.finalize(self, self.feed.close)

    def arrives(self, **values: object) -> str:
        return put(self.pacs, make_study(self.folder / generate_uid(), values=values))

    def removed(self, uid: str) -> None:
        with httpx.Client(base_url=self.pacs.rest_url, trust_env=False) as rest:
            for one in rest.post("/tools/lookup", content=uid).json():
                rest.delete(one["Path"]).raise_for_status()

    def known(self, uid: str) -> Study | None:
        with self.store.reading() as conn:
            return studies.by_uid(conn, self.pacs.name, uid)

    def study(self, uid: str) -> Study:
        found = self.known(uid)
        assert found is not None
        return found

    def answers_in(self, charset: str) -> None:
        with httpx.Client(base_url=self.pacs.rest_url, trust_env=False) as rest:
            rest.put("/tools/default-encoding", content=charset).raise_for_status()

    def number(self, uid: str) -> str:
        return self.study(uid).facts.patient.patient_id.value

    async def sweeps(self) -> FeedState:
        """One full sweep, from wherever it stands."""
        before = feed.state(self.store, self.pacs.name).sweep_finished
        async with asyncio.timeout(60):
            while (found := feed.state(self.store, self.pacs.name)).sweep_finished == before:
                await self.feed._sweeper.step()
        return found

    @property
    def state(self) -> Any:
        with self.store.reading() as conn:
            return conn.execute(t.pacs_state.select()).one()


@pytest.fixture
def ward(store: Store, own: RunningPacs, tmp_path: Path) -> Ward:
    return Ward(store, own, tmp_path)


async def test_the_first_look_is_the_baseline_and_later_ones_find_what_is_new_changed_and_gone(ward: Ward) -> None:
    old = ward.arrives(StudyDate="20190101")
    assert await ward.feed.look() == ""
    assert ward.study(old).baseline
    assert (ward.state.up, ward.state.baseline_done, ward.state.last_error) == (True, True, "")
    new = ward.arrives(StudyDate="20180101")
    await ward.feed.look()
    found = ward.study(new)
    assert not found.baseline
    assert (found.facts.instances, len(found.facts.series), found.facts.series[0].station_name) == (2, 1, "CT2")
    await ward.feed.look()
    assert (ward.study(new).steady, ward.study(new).version) == (1, found.version)
    put(ward.pacs, make_study(ward.folder / "more", values={"StudyInstanceUID": new, "StudyDate": "20180101"}))
    await ward.feed.look()
    changed = ward.study(new)
    assert (changed.facts.instances, changed.steady) == (4, 0)
    ward.removed(new)
    await ward.feed.look()
    assert ward.study(new).gone
    assert not ward.study(old).gone


async def test_a_study_that_a_look_leaves_out_is_asked_for_before_it_is_called_gone(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PACS that cuts off its answers at a maximum."""
    kept, lost = ward.arrives(), ward.arrives()
    await ward.feed.look()
    find = pacs_dimse.list_studies
    missing = {kept, lost}
    monkeypatch.setattr(
        pacs_dimse,
        "list_studies",
        lambda *asked: (one for one in find(*asked) if one.study_instance_uid not in missing),
    )
    ward.removed(lost)
    await ward.feed.look()
    assert not ward.study(kept).gone
    assert ward.study(lost).gone


@pytest.mark.parametrize("mode", ["small", "large"])
async def test_an_archive_that_suddenly_lists_nothing_has_not_lost_all_its_studies(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Its index is away, or it shows our AE title nothing any more: success, without any answer."""
    today = date.today().isoformat()
    shown = [StudyFacts(ward.pacs.name, f"1.2.{number}", performed=today) for number in range(25)]
    listed = list(shown)
    source = ward.feed._observer.source
    monkeypatch.setattr(source, "studies", lambda *_: iter(listed))
    monkeypatch.setattr(
        source, "study", lambda uid: next((one for one in listed if one.study_instance_uid == uid), None)
    )
    assert await ward.feed.look() == ""
    feed.note_feed(ward.store, ward.pacs.name, mode=mode)
    listed.clear()
    assert "lists none of the studies that it had" in await ward.feed.look()
    assert not any(ward.study(one.study_instance_uid).gone for one in shown)
    assert not ward.state.up
    assert await ward.feed._sweeper.step() > 1
    listed += shown[1:]
    assert await ward.feed.look() == ""
    assert [one.study_instance_uid for one in shown if ward.study(one.study_instance_uid).gone] == ["1.2.0"]


async def test_a_large_archive_is_looked_at_by_days_and_swept_as_a_whole(
    store: Store, own: RunningPacs, tmp_path: Path
) -> None:
    ward = Ward(store, own, tmp_path, small_up_to=0, sweep_pause_seconds=0, sweep_every_minutes=0)
    today = ward.arrives(StudyDate=date.today().strftime("%Y%m%d"))
    late, undated = ward.arrives(StudyDate="20100101"), ward.arrives(StudyDate="", StudyTime="")
    await ward.feed.look()
    assert ward.study(today).baseline
    assert ward.known(late) is ward.known(undated) is None
    await ward.sweeps()
    assert ward.study(late).facts.performed.startswith("2010-01-01")
    assert ward.study(undated).facts.performed == ""
    assert ward.study(undated).facts.instances == 2
    assert ward.state.baseline_done


async def test_a_sweep_finds_what_changed_vanished_and_came_back(
    store: Store, own: RunningPacs, tmp_path: Path
) -> None:
    ward = Ward(store, own, tmp_path, small_up_to=0, sweep_pause_seconds=0, sweep_every_minutes=0)
    values = {"StudyDate": "20110203"}
    paths = make_study(tmp_path / "kept", values=values)
    grown, lost = ward.arrives(**values), put(ward.pacs, paths)
    await ward.feed.look()
    await ward.sweeps()
    put(ward.pacs, make_study(tmp_path / "more", values={"StudyInstanceUID": grown, **values}))
    ward.removed(lost)
    await ward.sweeps()
    assert ward.study(grown).facts.instances == 4
    assert ward.study(lost).gone
    put(ward.pacs, paths)
    await ward.sweeps()
    assert not ward.study(lost).gone
    with store.reading() as conn:
        assert [one.event for one in listings.changes_of(conn, ward.study(lost).id)] == ["back", "gone"]


@pytest.mark.parametrize("kind", ["own_archive", "own_dcmtk_archive"])
async def test_any_archive_that_answers_c_find_is_followed_and_swept(
    store: Store, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    """dcmtk's gives no counts, and neither has a REST interface."""
    running: RunningPacs = request.getfixturevalue(kind)
    ward = Ward(store, running, tmp_path, small_up_to=0, sweep_pause_seconds=0, sweep_every_minutes=0)
    old, undated = ward.arrives(StudyDate="20130405"), ward.arrives(StudyDate="", StudyTime="")
    assert await ward.feed.look() == ""
    swept = await ward.sweeps()
    assert swept.sweep_error == ""
    for uid in (old, undated):
        assert (ward.study(uid).facts.instances, ward.study(uid).facts.accession_number) == (2, "A100")
    put(ward.pacs, make_study(tmp_path / "more", values={"StudyInstanceUID": old, "StudyDate": "20130405"}))
    await ward.sweeps()
    assert ward.study(old).facts.instances == 4


async def test_the_changes_tell_of_a_new_study_and_of_one_that_grows(
    store: Store, own: RunningPacs, tmp_path: Path
) -> None:
    ward = Ward(store, own, tmp_path, poll_seconds=3600, changes_seconds=0.05)
    task = asyncio.create_task(ward.feed.run())
    try:
        await until(lambda: _baseline_done(ward))
        uid = ward.arrives(StudyDate="20120304")
        await until(lambda: ward.known(uid))
        put(ward.pacs, make_study(tmp_path / "more", values={"StudyInstanceUID": uid, "StudyDate": "20120304"}))
        await until(lambda: ward.study(uid).facts.instances == 4)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_came_while_nobody_followed_is_told_by_the_changes_since_then(
    store: Store, own: RunningPacs, tmp_path: Path
) -> None:
    first = Ward(store, own, tmp_path)
    await first.feed._follower.step()  # type: ignore[union-attr]
    uid = first.arrives()
    later = Ward(store, own, tmp_path)
    await later.feed._follower.step()  # type: ignore[union-attr]
    assert later.known(uid) is not None


async def test_an_orthanc_that_counts_anew_is_followed_from_its_start(
    store: Store, own: RunningPacs, tmp_path: Path
) -> None:
    ward = Ward(store, own, tmp_path)
    uid = ward.arrives()
    feed.note_feed(store, ward.pacs.name, change_position=1 << 40, change_at=datetime.now(UTC))
    async with asyncio.timeout(60):
        while ward.known(uid) is None:
            await ward.feed._follower.step()  # type: ignore[union-attr]


async def test_an_orthanc_that_leaves_letters_out_of_names_is_said(
    store: Store, own: RunningPacs, tmp_path: Path
) -> None:
    """Its default: a query in Unicode is answered in Latin-1, and what that has not is gone without a word."""
    ward = Ward(store, own, tmp_path)
    ward.answers_in("Latin1")
    try:
        await ward.feed._follower.step()  # type: ignore[union-attr]
        assert "DefaultEncoding" in feed.state(store, ward.pacs.name).change_error
    finally:
        ward.answers_in("Utf8")
    again = Ward(store, own, tmp_path)
    await again.feed._follower.step()  # type: ignore[union-attr]
    assert feed.state(store, ward.pacs.name).change_error == ""


async def test_changes_that_are_not_told_are_a_state_and_c_find_goes_on(
    store: Store, own: RunningPacs, tmp_path: Path
) -> None:
    ward = Ward(store, own, tmp_path, rest_url=f"http://127.0.0.1:{free_port()}")
    uid = ward.arrives()
    assert await ward.feed._follower.step() > 0  # type: ignore[union-attr]
    assert "cannot be reached" in feed.state(store, ward.pacs.name).change_error
    assert await ward.feed.look() == ""
    assert ward.study(uid).facts.instances == 2


async def test_a_study_whose_series_are_not_told_is_shown_and_stops_no_other(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ward.feed.look()
    poisoned, good = ward.arrives(), ward.arrives()
    find_study = pacs_dimse.find_study

    def refuses(peer: PacsConfig, own_ae: str, uid: str, *more: Any) -> Any:
        if uid == poisoned:
            raise PeerTrouble("orthanc answered C000 to the query")
        return find_study(peer, own_ae, uid, *more)

    monkeypatch.setattr(pacs_dimse, "find_study", refuses)
    assert await ward.feed.look() == ""
    assert ward.study(poisoned).facts.series == ()
    assert len(ward.study(good).facts.series) == 1


async def test_a_study_that_is_listed_under_two_patients_is_nobodys_and_stops_no_other(ward: Ward) -> None:
    await ward.feed.look()
    uid = ward.arrives(PatientID="100")
    await ward.feed.look()
    assert ward.number(uid) == "100"
    ward.arrives(PatientID="200", StudyInstanceUID=uid)
    both = ward.arrives(PatientID="300")
    ward.arrives(PatientID="400", StudyInstanceUID=both)
    for _ in range(2):
        assert await ward.feed.look() == ""
        assert (ward.number(uid), ward.number(both)) == ("", "")
    assert ward.study(both).facts.instances == 4
    assert ward.state.last_error.startswith("2 listed under several patients: ")
    ward.removed("200")
    await ward.feed.look()
    assert (ward.number(uid), ward.state.last_error) == ("100", f"1 listed under several patients: {both}")


@pytest.mark.parametrize("day", ["20120304", ""])
async def test_the_sweep_and_the_changes_take_a_study_of_two_patients_too(
    store: Store, own: RunningPacs, tmp_path: Path, day: str
) -> None:
    large = {"small_up_to": 0, "sweep_pause_seconds": 0, "sweep_every_minutes": 0}
    ward, of_that_day = Ward(store, own, tmp_path, **large), {"StudyDate": day, "StudyTime": ""}
    await ward.feed.look()
    await ward.feed._follower.step()  # type: ignore[union-attr]
    uid = ward.arrives(PatientID="500", **of_that_day)
    ward.arrives(PatientID="600", StudyInstanceUID=uid, **of_that_day)
    assert (await ward.sweeps()).sweep_error == ""
    assert ward.number(uid) == ""
    changed = ward.arrives(PatientID="700", **of_that_day)
    ward.arrives(PatientID="800", StudyInstanceUID=changed, **of_that_day)
    await ward.feed._follower.step()  # type: ignore[union-attr]
    assert ward.number(changed) == ""


async def test_a_pacs_that_goes_away_is_a_state_and_one_line_and_is_found_again(store: Store, tmp_path: Path) -> None:
    dicom, http = free_port(), free_port()
    if pacs.orthanc_program() is None:
        pytest.skip("Orthanc is not installed")
    with pacs.orthanc(tmp_path / "own", dicom, http) as running, capture_logs() as lines:
        ward = Ward(store, running, tmp_path)
        uid = ward.arrives()
        await ward.feed.look()
        running.stop()
        trouble = [await ward.feed.look() for _ in range(3)]
        assert trouble[0]
        assert (ward.state.up, ward.state.last_error) == (False, trouble[0])
        assert ward.state.last_success is not None
        assert not ward.study(uid).gone
        with pacs.orthanc(tmp_path / "own", dicom, http):
            assert await ward.feed.look() == ""
    assert (ward.state.up, ward.state.last_error) == (True, "")
    assert [line["state"] for line in lines if line["event"] == "pacs"] == ["up", trouble[0], "up"]


async def test_a_database_that_is_away_does_not_end_the_feed(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise DatabaseDown("database: not available")

    with monkeypatch.context() as broken:
        broken.setattr(ward.store, "reading", away)
        assert await ward.feed.look() == "database: not available"
    assert await ward.feed.look() == ""


async def test_a_poke_looks_at_once(store: Store, own: RunningPacs, tmp_path: Path) -> None:
    ward = Ward(store, own, tmp_path, poll_seconds=3600)
    task = asyncio.create_task(ward.feed.run())
    try:
        await until(lambda: _baseline_done(ward))
        uid = ward.arrives()
        ward.feed.poke()
        await until(lambda: ward.known(uid))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_feed_looks_again_by_itself(store: Store, own: RunningPacs, tmp_path: Path) -> None:
    ward = Ward(store, own, tmp_path, poll_seconds=0.05)
    task = asyncio.create_task(ward.feed.run())
    try:
        await until(lambda: _baseline_done(ward))
        uid = ward.arrives()
        await until(lambda: ward.known(uid) and ward.study(uid).steady)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _baseline_done(ward: Ward) -> bool:
    with ward.store.reading() as conn:
        return any(row.baseline_done for row in conn.execute(t.pacs_state.select()))
