"""Proof by real archives: what was sent is filed only where a fresh answer shows it."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from radrecon.config import HL7DestinationConfig
from radrecon.model.correction import DatasetEdit, OriginalHeader, PlannedDelivery
from radrecon.services import pacs_client, verifier
from radrecon.services.verifier import Patience
from radrecon.sim.pacs import RunningPacs, free_port
from radrecon.store import studies
from radrecon.store.corrections import Delivery
from radrecon.workflow import outbox, proving
from tests.wire.outbox_desk import NEW_NAME, Desk, S, desk, migrated, name_at, store, until
from tests.wire.pacs_peers import OWN_AE, held, make_study, put

__all__ = ["desk", "migrated", "store"]
pytestmark = pytest.mark.filterwarnings(
    # pynetdicom drops the socket of a refused connection without closing it
    "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
)
NONE = Patience(0, 0)


@pytest.fixture
def uid(archive: RunningPacs, tmp_path: Path) -> str:
    return put(archive.config, make_study(tmp_path / "study"))


def changes(archive: RunningPacs, uid: str, tmp_path: Path) -> None:
    """The archive takes the new name, whoever told it."""

    def keep(_: object) -> None:
        """Nobody undoes this."""

    originals: list[OriginalHeader] = []
    edit = DatasetEdit(archive.config.name, uid, NEW_NAME)
    pacs_client.edit(archive.config, OWN_AE, edit, keep, originals, datetime.now(UTC), tmp_path / "edit")


def edited(desk: Desk, archive: RunningPacs, uid: str) -> int:
    desk.edits(archive.config)
    return desk.corrects(desk.sees(archive.config, uid))


def told(desk: Desk, archive: RunningPacs, uid: str, *, proof: bool = True, resend: str = "ask") -> int:
    """A message to a destination, proved by the archive."""
    name = archive.config.name if proof else ""
    desk.edits(archive.config)
    desk.tells(HL7DestinationConfig(name="ehr", port=1, messages=["ADT"], proof=name, resend=resend))  # type: ignore[arg-type]
    message = "MSH|^~\\&|RADRECON||||||ADT^A08|C1|P|2.5.1\rPID|1||1\r"
    expect = {uid: NEW_NAME} if proof else {}
    return desk.queue(PlannedDelivery("ehr", ("patient:1",), message=message, proof=name, expect=expect))[0]


def prove(desk: Desk, delivery: int, patience: Patience = verifier.PATIENCE) -> Delivery:
    verifier.prove(desk.store, desk.delivery(delivery), desk.config, patience)
    return desk.delivery(delivery)


def test_an_edit_that_the_archive_shows_is_filed_and_known_at_once(
    desk: Desk, archive: RunningPacs, uid: str, tmp_path: Path
) -> None:
    delivery = edited(desk, archive, uid)
    desk.moved(delivery, S.WRITTEN)
    changes(archive, uid, tmp_path)
    assert prove(desk, delivery).state is S.FILED
    assert desk.correction_state(delivery) == "done"
    with desk.store.reading() as conn:
        known = studies.by_uid(conn, archive.config.name, uid)
    assert known is not None
    assert str(known.facts.patient.name) == "Miller^Joan"


def test_an_edit_that_is_not_shown_is_waited_for_and_then_not_applied(
    desk: Desk, archive: RunningPacs, uid: str
) -> None:
    delivery = edited(desk, archive, uid)
    desk.moved(delivery, S.WRITTEN)
    found = prove(desk, delivery)
    assert found.state is S.WRITTEN
    assert found.words.startswith("not shown yet: ")
    found = prove(desk, delivery, NONE)
    assert found.state is S.NOT_APPLIED
    assert "Miller^Jon" in found.words
    assert desk.correction_state(delivery) == "in trouble"


def test_a_message_has_a_patience_of_its_own(desk: Desk, archive: RunningPacs, uid: str) -> None:
    delivery = told(desk, archive, uid)
    desk.moved(delivery, S.ACKNOWLEDGED)
    assert prove(desk, delivery, Patience(edit=0)).state is S.ACKNOWLEDGED
    assert prove(desk, delivery, Patience(message=0)).state is S.NOT_APPLIED


def test_an_acknowledged_message_is_filed_when_the_archive_shows_it(
    desk: Desk, archive: RunningPacs, uid: str, tmp_path: Path
) -> None:
    delivery = told(desk, archive, uid)
    desk.moved(delivery, S.ACKNOWLEDGED)
    assert prove(desk, delivery).state is S.ACKNOWLEDGED
    changes(archive, uid, tmp_path)
    assert prove(desk, delivery).state is S.FILED


def test_an_uncertain_message_that_was_applied_is_filed_and_not_sent_again(
    desk: Desk, archive: RunningPacs, uid: str, tmp_path: Path
) -> None:
    delivery = told(desk, archive, uid, resend="safe")
    desk.moved(delivery, S.UNCERTAIN)
    changes(archive, uid, tmp_path)
    found = prove(desk, delivery)
    assert (found.state, found.attempts) == (S.FILED, 1)


@pytest.mark.parametrize(("resend", "state"), [("safe", S.QUEUED), ("ask", S.UNCERTAIN)])
def test_an_uncertain_message_that_is_not_shown_is_sent_again_only_where_that_is_safe(
    desk: Desk, archive: RunningPacs, uid: str, resend: str, state: S
) -> None:
    delivery = told(desk, archive, uid, resend=resend)
    desk.moved(delivery, S.UNCERTAIN)
    found = prove(desk, delivery)
    assert found.state is state
    assert "looked" in found.words


def test_an_uncertain_edit_that_is_not_shown_is_done_again(desk: Desk, archive: RunningPacs, uid: str) -> None:
    delivery = edited(desk, archive, uid)
    desk.moved(delivery, S.UNCERTAIN)
    assert prove(desk, delivery).state is S.QUEUED


@pytest.fixture(params=["archive", "dcmtk_archive"])
def overwriting(request: pytest.FixtureRequest) -> RunningPacs:
    """Archives that answer a study's query from one of its images."""
    running: RunningPacs = request.getfixturevalue(request.param)
    return running


def changes_half(desk: Desk, pacs: RunningPacs, tmp_path: Path) -> int:
    """An edit whose first image has arrived, the one from which the archive answers for the study."""
    uid = put(pacs.config, make_study(tmp_path / "study"))
    delivery = edited(desk, pacs, uid)
    images = held(pacs.config, uid, tmp_path / "before")
    outbox.keep(desk.store, desk.delivery(delivery), [OriginalHeader(uid, "", sop, {}) for sop in images])
    for image in images.values():
        new = deepcopy(image)
        new.PatientName = NEW_NAME["PatientName"]
        stored(pacs, new, tmp_path)
        if name_at(pacs, uid) == "Miller^Joan":
            return delivery
        stored(pacs, image, tmp_path)
    raise AssertionError("the study shows neither")


def stored(pacs: RunningPacs, image: Any, tmp_path: Path) -> None:
    image.save_as(tmp_path / "one.dcm")
    put(pacs.config, [tmp_path / "one.dcm"])


async def test_an_edit_that_broke_half_way_is_completed_before_it_is_filed(
    desk: Desk, overwriting: RunningPacs, tmp_path: Path
) -> None:
    delivery = changes_half(desk, overwriting, tmp_path)
    desk.moved(delivery, S.UNCERTAIN)
    assert prove(desk, delivery).state is S.QUEUED
    async with desk.relaying():
        await until(desk.is_(delivery, S.WRITTEN))
    assert prove(desk, delivery).state is S.FILED
    uid = desk.delivery(delivery).planned.edit.study_instance_uid  # type: ignore[union-attr]
    images = held(overwriting.config, uid, tmp_path / "after")
    assert [str(one.PatientName) for one in images.values()] == ["Miller^Joan"] * 2


def test_an_archive_that_kept_one_image_as_it_was_has_not_applied_it(
    desk: Desk, overwriting: RunningPacs, tmp_path: Path
) -> None:
    delivery = changes_half(desk, overwriting, tmp_path)
    desk.moved(delivery, S.WRITTEN)
    found = prove(desk, delivery)
    assert (found.state, found.words) == (S.WRITTEN, "1 of 2 images do not show the correction")
    assert prove(desk, delivery, NONE).state is S.NOT_APPLIED


def test_what_was_acknowledged_is_not_sent_again_because_its_proof_is_not_configured_any_more(
    desk: Desk, archive: RunningPacs, uid: str
) -> None:
    delivery = told(desk, archive, uid, resend="safe")
    desk.moved(delivery, S.ACKNOWLEDGED)
    desk.config = desk.config.model_copy(update={"pacs": []})
    found = prove(desk, delivery)
    assert found.state is S.ACKNOWLEDGED
    assert found.words == f"no PACS {archive.config.name} is configured that could prove it"


@pytest.mark.parametrize(("resend", "state"), [("safe", S.QUEUED), ("ask", S.UNCERTAIN)])
def test_an_uncertain_message_that_nothing_can_prove_waits_for_a_person_unless_it_is_safe(
    desk: Desk, archive: RunningPacs, uid: str, resend: str, state: S
) -> None:
    delivery = told(desk, archive, uid, proof=False, resend=resend)
    desk.moved(delivery, S.UNCERTAIN)
    found = prove(desk, delivery)
    assert found.state is state
    assert ("nothing can be asked" in found.words) == (resend == "ask")


def test_while_the_archive_is_down_nothing_is_judged(desk: Desk, archive: RunningPacs, uid: str) -> None:
    delivery = edited(desk, archive, uid)
    desk.moved(delivery, S.WRITTEN)
    desk.edits(archive.config.model_copy(update={"port": free_port()}))
    found = prove(desk, delivery, NONE)
    assert found.state is S.WRITTEN
    assert "cannot be reached" in found.words


async def test_one_that_breaks_and_an_archive_that_hangs_hold_up_no_other(
    desk: Desk, archive: RunningPacs, uid: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = desk.sees(archive.config, uid)
    hangs = archive.config.model_copy(update={"name": "hangs"})
    desk.config = desk.config.model_copy(update={"pacs": [archive.config, hangs]})
    stuck = desk.queue(PlannedDelivery("x", (), message="MSH|^~\\&", proof="hangs", expect={"1.2": NEW_NAME}))[0]
    broken = desk.queue(PlannedDelivery("x", (), message="MSH|^~\\&", proof="simpacs", expect={"1.1": NEW_NAME}))[0]
    good = desk.corrects(facts)
    for one in (stuck, broken):
        desk.moved(one, S.ACKNOWLEDGED)
    desk.moved(good, S.WRITTEN)
    changes(archive, uid, tmp_path)
    release, real = asyncio.Event(), pacs_client.look
    loop = asyncio.get_running_loop()

    def look(pacs: Any, own_ae: str, asked: str) -> Any:
        if asked == "1.1":
            raise RuntimeError("a bug")
        if pacs.name == "hangs":
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(60)
        return real(pacs, own_ae, asked)

    monkeypatch.setattr(pacs_client, "look", look)
    begun = datetime.now(UTC)
    task = asyncio.create_task(verifier.run(desk.store, lambda: desk.config, desk.wake))
    try:
        await until(desk.is_(good, S.FILED))
        await until(desk.words(broken, "could not be proved"))
        assert desk.delivery(stuck).words == ""
    finally:
        release.set()
        await until(desk.words(stuck, "not shown yet"))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    later = begun + timedelta(seconds=30)
    assert broken not in [one.id for one in proving.waiting_for_proof(desk.store, later)]
