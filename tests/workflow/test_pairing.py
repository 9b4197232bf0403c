"""The journal's new messages paired by the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.model.rows import PairRow
from radrecon.store import pairs
from radrecon.workflow import pairing
from radrecon.workflow.pairing import interface, pair_some
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, message, msh, order, pid
from tests.workflow.test_taps import TAPS, ack, take, tapped


@pytest.fixture
def site(hospital: Hospital) -> Hospital:
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": TAPS}))
    return hospital


def pair(site: Hospital, seconds: float = 60) -> int:
    """All that waits; returns how many pairs were found."""
    site.later(seconds)
    total, more = 0, True
    while more:
        count, more = pair_some(site.store, site.config, site.now)
        total += count
    return total


def of(site: Hospital, message_id: int) -> list[PairRow]:
    with site.store.reading() as conn:
        return pairs.of_message(conn, message_id)


@on_both
def test_the_same_message_before_and_behind_the_engine_is_a_pair_with_its_changes(site: Hospital) -> None:
    before = take(site, order("A100", sender="RIS", control_id="C1", alerts="MRSA"))
    behind = take(site, order("A100", sender="ENGINE", control_id="C1", alerts="mrsa"))
    assert pair(site) == 1
    (found,) = of(site, before.message_id)
    assert (found.kind, found.first_id, found.second_id) == ("hop", before.message_id, behind.message_id)
    assert found.changes == (("MSH-3", "RIS", "ENGINE"), ("OBR-13", "MRSA", "mrsa"))
    assert of(site, behind.message_id) == [found]


@on_both
def test_copies_are_paired_whichever_comes_first_and_whatever_the_engine_calls_them(site: Hospital) -> None:
    behind = take(site, order("A100", sender="ENGINE", control_id="E1"))
    before = take(site, order("A100", sender="RIS", control_id="C1"))
    assert pair(site) == 1
    (found,) = of(site, before.message_id)
    assert (found.first_id, found.second_id) == (before.message_id, behind.message_id)


@on_both
def test_many_alike_are_paired_in_the_order_of_arrival(site: Hospital) -> None:
    before = [take(site, adt("A08", sender="RIS")).message_id for _ in range(3)]
    behind = [take(site, adt("A08", sender="ENGINE")).message_id for _ in range(3)]
    assert pair(site) == 3
    assert [of(site, one)[0].second_id for one in before] == behind
    assert pair(site) == 0


def test_orders_of_one_patient_are_not_mixed_up(site: Hospital) -> None:
    ids = {}
    for number in ("A100", "A200", "A300"):
        ids[number] = take(site, order(number, sender="RIS")).message_id
    for number in ("A300", "A100"):
        found = take(site, order(number, sender="ENGINE")).message_id
        pair(site)
        assert [one.first_id for one in of(site, found)] == [ids[number]]
    assert of(site, ids["A200"]) == []


def test_what_is_still_young_waits_and_each_message_is_examined_once(site: Hospital) -> None:
    take(site, order("A100", sender="RIS", control_id="C1"))
    assert pair(site, seconds=1) == 0
    with site.store.reading() as conn:
        assert pairs.mark(conn) is None
    take(site, order("A100", sender="ENGINE", control_id="C1"))
    assert pair(site) == 1
    with site.store.reading() as conn:
        assert pairs.mark(conn) == pairs.newest(conn)


def test_a_copy_behind_that_is_byte_for_byte_the_same_is_a_pair_without_changes(hospital: Hospital) -> None:
    same = [tapped("RIS", "copy_after", host="10.0.0.1"), tapped("RIS", "copy")]
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": same}))
    raw = order("A100", sender="RIS", control_id="C1")
    behind = take(hospital, raw)
    with hospital.store.transaction() as conn:
        from radrecon.workflow.ingest import take_one
        from radrecon.workflow.intake import Received

        before = take_one(conn, Received(raw, "10.0.0.9:1", hospital.now), hospital.config)
    assert pair(hospital) == 1
    (found,) = of(hospital, behind.message_id)
    assert (found.first_id, found.second_id, found.changes) == (before.message_id, behind.message_id, ())


def test_a_message_that_breaks_the_pairing_does_not_stop_the_others(
    site: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(site, order("A100", sender="RIS", control_id="C1"))
    take(site, order("A100", sender="ENGINE", control_id="C1"))
    real, seen = pairing._pair_of, []

    def first_breaks(*arguments: object) -> object:
        seen.append(arguments)
        if len(seen) == 1:
            raise ValueError
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pairing, "_pair_of", first_breaks)
    assert pair(site) == 1


def test_without_taps_nothing_is_examined(hospital: Hospital) -> None:
    take(hospital, order("A100", sender="RIS"))
    assert pair(hospital) == 0
    with hospital.store.reading() as conn:
        assert pairs.mark(conn) is None


# -- answers ----------------------------------------------------------------------------------------------------------


@on_both
def test_an_answer_is_paired_with_what_it_answers(site: Hospital) -> None:
    asked = take(site, order("A100", sender="RIS", control_id="C1"))
    answer = take(site, ack("C1", "AE", text="no such patient"))
    assert pair(site) == 1
    (found,) = of(site, answer.message_id)
    assert (found.kind, found.first_id, found.second_id) == ("ack", asked.message_id, answer.message_id)
    assert found.changes == (("MSA-1", "", "AE"), ("MSA-3", "", "no such patient"))


def test_an_answer_to_what_several_called_the_same_goes_to_whom_it_names(site: Hospital) -> None:
    take(site, adt("A08", sender="HIS", control="1"))
    asked = take(site, order("A100", sender="RIS", control_id="1"))
    take(site, message("MSH|^~\\&|ACKS|X|RIS|HOSP|20261122||ACK|K1|P|2.5", "MSA|AA|1"))
    take(site, message("MSH|^~\\&|ACKS|X|||20261122||ACK|K2|P|2.5", "MSA|AA|1"))
    assert pair(site) == 1
    assert [one.kind for one in of(site, asked.message_id)] == ["ack"]


# -- the interface map ------------------------------------------------------------------------------------------------


@on_both
def test_the_interface_map_says_what_the_engine_changes_and_what_it_drops(site: Hospital) -> None:
    for number in ("A100", "A200", "A300"):
        take(site, order(number, sender="RIS"))
    for number in ("A100", "A200"):
        take(site, order(number, pid().replace("^^^HOSP", "^^^HOSP^MR"), sender="ENGINE"))
    dropped = site.journal(accession_number="A300")[0].id
    pair(site)
    assert interface(site.store, site.config, site.now).unpaired == ()
    found = interface(site.store, site.config, site.now + timedelta(hours=1))
    (row,) = found.hops
    assert (row.before, row.behind, row.pairs, row.unchanged) == ("RIS^HOSP", "ENGINE^HOSP", 2, 0)
    lines = {line["path"]: (line["pairs"], line["examples"]) for line in row.changes}
    assert lines["PID-3.5"] == (2, (("", "MR"),))
    assert lines["MSH-3"] == (2, (("RIS", "ENGINE"),))
    assert found.unpaired == (dropped,)


def test_the_map_of_named_senders(site: Hospital) -> None:
    take(site, order("A100", sender="RIS", control_id="C1"))
    take(site, order("A100", sender="ENGINE", control_id="C1"))
    take(site, message(msh("ADT^A04", sender="RIS"), pid()))
    pair(site)
    assert len(interface(site.store, site.config, site.now, "RIS", "ENGINE^HOSP").hops) == 1
    assert interface(site.store, site.config, site.now, "ENGINE", "RIS").hops == ()
