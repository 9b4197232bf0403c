"""The relay against HL7 destinations that answer well, badly and not at all, and against real archives."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from radrecon.hl7v2.build import encode
from radrecon.model.correction import OriginalHeader
from radrecon.services import pacs_client, spool
from radrecon.sim.pacs import RunningPacs, free_port
from radrecon.store import corrections
from radrecon.store.database import DatabaseDown
from radrecon.workflow import outbox
from tests.wire.outbox_desk import Desk, Destination, S, codes, desk, migrated, name_at, store, until
from tests.wire.pacs_peers import held, make_study, put

__all__ = ["desk", "migrated", "store"]
pytestmark = pytest.mark.filterwarnings(
    # pynetdicom drops the socket of a refused connection without closing it
    "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between tries."""
    monkeypatch.setattr(outbox, "RETRY_SECONDS", (0.05,))


# -- HL7 --------------------------------------------------------------------------------------------------------------


async def test_a_message_that_is_acknowledged_and_cannot_be_proved_is_as_far_as_it_goes(desk: Desk) -> None:
    async with Destination("ehr", codes("AA")).serving() as ehr, desk.relaying():
        desk.tells(ehr.config())
        message = desk.says("ehr", "1")
        await until(desk.is_(message, S.ACKNOWLEDGED))
    assert ehr.heard == ["ehr1"]
    assert desk.correction_state(message) == "done"


async def test_a_refusal_goes_to_a_person_with_the_peers_words(desk: Desk) -> None:
    async with Destination("ehr", codes("AE")).serving() as ehr, desk.relaying():
        desk.tells(ehr.config())
        message = desk.says("ehr", "1")
        await until(desk.is_(message, S.REFUSED))
    assert ehr.heard == ["ehr1"]
    assert desk.delivery(message).words.startswith("AE: ")
    assert desk.correction_state(message) == "in trouble"


async def test_a_letter_that_the_destination_cannot_read_is_refused_before_anything_is_sent(desk: Desk) -> None:
    async with Destination("ehr", codes("AA")).serving() as ehr, desk.relaying():
        desk.tells(ehr.config(charset="8859/1", resend="safe"))
        message = desk.says("ehr", "ŁUCJA")
        await until(desk.is_(message, S.REFUSED))
    assert ehr.heard == []
    assert desk.delivery(message).words == "not sent: the text cannot be written in character set 8859/1"


@pytest.mark.usefixtures("at_once")
async def test_not_now_is_tried_again_and_in_the_end_taken(desk: Desk) -> None:
    async with Destination("ehr", codes("AR", "AR", "AA")).serving() as ehr, desk.relaying():
        desk.tells(ehr.config())
        message = desk.says("ehr", "1")
        await until(desk.is_(message, S.ACKNOWLEDGED))
    assert ehr.heard == ["ehr1"] * 3


@pytest.mark.usefixtures("at_once")
async def test_not_now_for_ever_is_given_to_a_person_after_some_tries(desk: Desk) -> None:
    async with Destination("ehr", codes("AR")).serving() as ehr, desk.relaying():
        desk.tells(ehr.config())
        message = desk.says("ehr", "1")
        await until(desk.is_(message, S.REFUSED))
        await asyncio.sleep(0.2)
    assert ehr.heard == ["ehr1"] * 3


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("behaviour", ["", None], ids=["silence", "hangs up"])
async def test_a_message_without_an_answer_is_uncertain_and_not_sent_again(desk: Desk, behaviour: str | None) -> None:
    async with Destination("ehr", codes(behaviour)).serving() as ehr, desk.relaying():
        desk.tells(ehr.config(ack_seconds=0.3))
        message = desk.says("ehr", "1")
        await until(desk.is_(message, S.UNCERTAIN))
        await asyncio.sleep(0.2)
    assert ehr.heard == ["ehr1"]


@pytest.mark.usefixtures("at_once")
async def test_a_message_waits_for_a_destination_that_is_down_and_is_sent_once(desk: Desk) -> None:
    ehr = Destination("ehr", codes("AA"))
    port = free_port()
    desk.tells(ehr.config(port=port))
    async with desk.relaying():
        message = desk.says("ehr", "1")
        await until(desk.words(message, f"ehr (127.0.0.1:{port})"))
        assert desk.delivery(message).state in (S.QUEUED, S.SENDING)
        async with ehr.serving(port):
            await until(desk.is_(message, S.ACKNOWLEDGED))
    assert ehr.heard == ["ehr1"]


async def test_a_destination_that_is_switched_off_holds_its_own_and_says_so(desk: Desk) -> None:
    async with (
        Destination("ehr", codes("AA")).serving() as ehr,
        Destination("ris", codes("AA")).serving() as ris,
        desk.relaying(),
    ):
        desk.tells(ehr.config(send=False), ris.config())
        held, goes = desk.says("ehr", "1"), desk.says("ris", "1")
        await until(desk.words(held, "sending is switched off"))
        await until(desk.is_(goes, S.ACKNOWLEDGED))
    assert desk.delivery(held).state is S.QUEUED
    assert ehr.heard == []


async def test_one_switch_holds_everything(desk: Desk, archive: RunningPacs, tmp_path: Path) -> None:
    uid = put(archive.config, make_study(tmp_path / "study"))
    async with Destination("ehr", codes("AA")).serving() as ehr, desk.relaying():
        desk.edits(archive.config)
        desk.tells(ehr.config())
        desk.config = desk.config.model_copy(update={"sending": False})
        held = [desk.says("ehr", "1"), desk.corrects(desk.sees(archive.config, uid))]
        for one in held:
            await until(desk.words(one, "sending is switched off"))
    assert [desk.delivery(one).state for one in held] == [S.QUEUED] * 2
    assert ehr.heard == []
    assert name_at(archive, uid) == "Miller^Jon"


async def test_a_destination_that_nobody_configured_is_named_as_such(desk: Desk) -> None:
    async with desk.relaying():
        message = desk.says("gone", "1")
        await until(desk.words(message, "no such destination"))
    assert desk.delivery(message).state is S.QUEUED


async def test_two_messages_of_a_patient_keep_their_order_and_hold_nobody_else_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "RETRY_SECONDS", (3600,))
    async with Destination("ehr", codes("AR", "AA")).serving() as ehr, desk.relaying():
        desk.tells(ehr.config())
        first, second = desk.says("ehr", "1", "first"), desk.says("ehr", "1", "second")
        await until(desk.words(first, "AR"))
        other = desk.says("ehr", "2", "other")
        await until(desk.is_(other, S.ACKNOWLEDGED))
        assert [desk.delivery(one).state for one in (first, second)] == [S.QUEUED] * 2
        outbox.hold(desk.store, desk.delivery(first), "", datetime.now(UTC), 0)
        await until(desk.is_(second, S.ACKNOWLEDGED))
    assert ehr.heard == ["first", "other", "first", "second"]


async def test_a_destination_that_says_only_that_it_took_a_message_is_told_the_next_of_that_patient(desk: Desk) -> None:
    async with Destination("ehr", codes("CA")).serving() as ehr, desk.relaying():
        desk.tells(ehr.config())
        first, second = desk.says("ehr", "1", "first"), desk.says("ehr", "1", "second")
        await until(desk.is_(second, S.ACCEPTED), 20)
    assert ehr.heard == ["first", "second"]
    assert [desk.correction_state(one) for one in (first, second)] == ["done", "done"]


async def test_two_destinations_are_told_at_the_same_time(desk: Desk) -> None:
    async with (
        Destination("slow", codes("AA")).serving() as slow,
        Destination("quick", codes("AA")).serving() as quick,
        desk.relaying(),
    ):
        slow.gate.clear()
        desk.tells(slow.config(), quick.config())
        waits, goes = desk.says("slow", "1"), desk.says("quick", "1")
        await until(lambda: slow.heard)
        await until(desk.is_(goes, S.ACKNOWLEDGED))
        assert desk.delivery(waits).state is S.SENDING
        slow.gate.set()
        await until(desk.is_(waits, S.ACKNOWLEDGED))


# -- what breaks here -------------------------------------------------------------------------------------------------


async def test_an_outcome_that_could_not_be_stored_is_looked_at_and_not_left_sending(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = outbox.end, []

    def disk_full(*arguments: Any) -> None:
        if not failed:
            failed.append(True)
            raise DatabaseDown("database: disk full")
        real(*arguments)

    monkeypatch.setattr(outbox, "end", disk_full)
    async with Destination("ehr", codes("AA")).serving() as ehr, desk.relaying():
        desk.tells(ehr.config())
        message = desk.says("ehr", "1")
        await until(desk.is_(message, S.UNCERTAIN))
    assert ehr.heard == ["ehr1"]


async def test_a_delivery_that_breaks_stops_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(text: str, charset: str) -> bytes:
        if "|ehr1|" in text:
            raise RuntimeError("a bug")
        return encode(text, charset)

    monkeypatch.setattr("radrecon.services.outbox.encode", breaks)
    async with Destination("ehr", codes("AA")).serving() as ehr, desk.relaying():
        desk.tells(ehr.config())
        broken, message = desk.says("ehr", "1"), desk.says("ehr", "2")
        await until(desk.is_(message, S.ACKNOWLEDGED))
        await until(desk.is_(broken, S.UNCERTAIN))
    assert ehr.heard == ["ehr2"]


async def test_an_attempt_that_breaks_before_it_began_waits_and_says_so(
    desk: Desk, archive: RunningPacs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = put(archive.config, make_study(tmp_path / "study"))
    desk.edits(archive.config)
    facts = desk.sees(archive.config, uid)
    looks = []

    def breaks(*_: object) -> None:
        looks.append(True)
        raise RuntimeError("a bug")

    monkeypatch.setattr(pacs_client, "look", breaks)
    async with desk.relaying():
        edit = desk.corrects(facts)
        await until(desk.words(edit, "broke before it began"))
        await asyncio.sleep(0.3)
    assert desk.delivery(edit).state is S.QUEUED
    assert len(looks) == 1


# -- DICOM ------------------------------------------------------------------------------------------------------------


async def test_an_edit_is_written_and_its_originals_are_kept_before_anything_changes(
    desk: Desk, orthanc: RunningPacs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = put(orthanc.config, make_study(tmp_path / "study"))
    desk.edits(orthanc.config)
    seen: list[tuple[str, int, int]] = []
    keep = outbox.keep

    def kept(store: Any, delivery: Any, originals: Sequence[OriginalHeader]) -> None:
        keep(store, delivery, originals)
        with store.reading() as conn:
            rows = len(corrections.load_originals(conn, delivery.id))
        files = len(list((spool.folder(store, delivery.id) / "originals").iterdir()))
        seen.append((name_at(orthanc, uid), rows, files))

    monkeypatch.setattr(outbox, "keep", kept)
    async with desk.relaying():
        edit = desk.corrects(desk.sees(orthanc.config, uid))
        await until(desk.is_(edit, S.WRITTEN))
    assert seen == [("Miller^Jon", 2, 2)]
    assert name_at(orthanc, uid) == "Miller^Joan"


async def test_an_edit_waits_while_images_still_arrive(desk: Desk, archive: RunningPacs, tmp_path: Path) -> None:
    uid = put(archive.config, make_study(tmp_path / "study"))
    desk.edits(archive.config)
    facts = desk.sees(archive.config, uid, settled=False)
    async with desk.relaying():
        edit = desk.corrects(facts)
        await until(desk.words(edit, "still arriving"))
        assert desk.delivery(edit).state is S.QUEUED
        desk.edits(archive.config.model_copy(update={"stable_seconds": 0}))
        desk.sees(desk.config.pacs[0], uid)
        await until(desk.is_(edit, S.WRITTEN))


async def test_a_plan_is_stale_when_an_image_came_since_and_nothing_is_changed(
    desk: Desk, archive: RunningPacs, tmp_path: Path
) -> None:
    uid = put(archive.config, make_study(tmp_path / "study"))
    desk.edits(archive.config)
    facts = desk.sees(archive.config, uid)
    async with desk.relaying():
        edit = desk.corrects(facts, made_from=replace(facts, instances=facts.instances - 1))
        await until(desk.is_(edit, S.STALE))
    assert "1 → 2 images" in desk.delivery(edit).words
    assert name_at(archive, uid) == "Miller^Jon"


async def test_a_study_that_is_gone_makes_the_plan_stale(desk: Desk, archive: RunningPacs, tmp_path: Path) -> None:
    uid = put(archive.config, make_study(tmp_path / "study"))
    desk.edits(archive.config)
    gone = replace(desk.sees(archive.config, uid), study_instance_uid="1.2.3.4")
    desk.remembers(archive.config, gone)
    async with desk.relaying():
        edit = desk.corrects(gone)
        await until(desk.is_(edit, S.STALE))
    assert desk.delivery(edit).words == "the study is gone"


async def test_a_second_try_that_finds_everything_done_changes_nothing(
    desk: Desk, archive: RunningPacs, tmp_path: Path
) -> None:
    uid = put(archive.config, make_study(tmp_path / "study", values={"PatientName": "Miller^Joan"}))
    desk.edits(archive.config)
    edit = desk.corrects(desk.sees(archive.config, uid))
    begun = outbox.begin(desk.store, desk.delivery(edit), datetime.now(UTC))
    assert begun is not None
    outbox.again(desk.store, begun, "the connection broke", datetime.now(UTC) - timedelta(minutes=10))
    async with desk.relaying():
        await until(desk.is_(edit, S.WRITTEN))
    images = held(archive.config, uid, tmp_path / "held")
    assert [one for one in images.values() if "OriginalAttributesSequence" in one] == []


@pytest.mark.usefixtures("at_once")
async def test_an_edit_waits_for_room_on_this_disk_and_says_so(
    desk: Desk, archive: RunningPacs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = put(archive.config, make_study(tmp_path / "study"))
    desk.edits(archive.config)
    facts = desk.sees(archive.config, uid)
    tries, folder = [], spool.folder

    def full(*arguments: Any) -> Path:
        tries.append(1)
        if len(tries) <= outbox.GIVE_UP_AFTER + 2:
            raise OSError(errno.ENOSPC, "No space left on device", "/originals/1")
        return folder(*arguments)

    monkeypatch.setattr(spool, "folder", full)
    async with desk.relaying():
        edit = desk.corrects(facts)
        await until(desk.words(edit, "cannot be kept here: No space left on device"))
        assert desk.correction_state(edit) == "under way"
        await until(desk.is_(edit, S.WRITTEN))
    assert name_at(archive, uid) == "Miller^Joan"


async def test_an_edit_waits_for_a_pacs_that_is_down(desk: Desk, archive: RunningPacs, tmp_path: Path) -> None:
    uid = put(archive.config, make_study(tmp_path / "study"))
    facts = desk.sees(archive.config, uid)
    desk.edits(archive.config.model_copy(update={"port": free_port()}))
    async with desk.relaying():
        edit = desk.corrects(facts)
        await until(desk.words(edit, "cannot be reached"))
    assert desk.delivery(edit).state is S.QUEUED
    assert desk.delivery(edit).attempts == 0
