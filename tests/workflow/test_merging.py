from __future__ import annotations

from itertools import permutations

import pytest
import sqlalchemy as sa

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.model.case import CaseKind
from radrecon.model.patient import PatientId
from radrecon.store import merges, persons
from radrecon.store import tables as t
from tests.builders import demographics, study
from tests.workflow.adt_messages import mrg, ordered, patient, pv1, said
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, merge, order, pid, report


def a40(survivor: str, loser: str, minute: int, **more: str) -> bytes:
    return said("A40", patient(survivor, **more), mrg(loser), minute=minute)


def whose(hospital: Hospital, *numbers: str) -> list[str]:
    """The number that each of these leads to."""
    return [hospital.person(number).demographics.patient_id.value for number in numbers]


def index(hospital: Hospital) -> list[object]:
    """Persons, numbers and orders in terms that do not depend on who came first."""
    p, i, o = t.person.c, t.identifier.c, t.imaging_order.c
    with hospital.store.reading() as conn:
        own = dict(conn.execute(sa.select(p.id, p.patient_id)).all())
        people = conn.execute(sa.select(p.patient_id, p.patient_name, p.patient_birth_date, p.merged_into)).all()
        numbers = conn.execute(sa.select(i.value, i.person_id, i.retired)).all()
        orders = conn.execute(sa.select(o.accession_number, o.person_id)).all()
    return [
        sorted((*row[:3], own.get(row[3], "")) for row in people),
        sorted((row[0], own[row[1]], bool(row[2])) for row in numbers),
        sorted((row[0], own[row[1]]) for row in orders),
    ]


HISTORY = (
    said("A01", patient("1", "FISCHER^A"), minute=1),
    said("A01", patient("2", "FISCHER^ANNA"), minute=2),
    ordered("A100", "1", minute=3),
    a40("2", "1", 4, name="FISCHER^ANNA"),
    said("A08", patient("2", "FISCHER^ANNA^MARIA"), minute=5),
)


@pytest.mark.parametrize("arrival", list(permutations(range(5))))
def test_whatever_comes_first_the_index_ends_the_same(hospital: Hospital, arrival: tuple[int, ...]) -> None:
    hospital.hears(*(HISTORY[at] for at in arrival))
    assert index(hospital) == [
        [("1", "FISCHER^A", "1960-05-17", "2"), ("2", "FISCHER^ANNA^MARIA", "1960-05-17", "")],
        [("1", "2", True), ("2", "2", False)],
        [("A100", "2")],
    ]
    assert hospital.cases() == []


@on_both
def test_a_merge_before_either_was_registered_waits_for_both(hospital: Hospital) -> None:
    hospital.hears(HISTORY[3], HISTORY[2], HISTORY[1], HISTORY[0], HISTORY[4])
    assert whose(hospital, "1", "2") == ["2", "2"]
    assert hospital.order().person_id == hospital.person("2").id


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_a_chain_leads_to_its_end_in_any_order(hospital: Hospital, arrival: tuple[int, ...]) -> None:
    chain = (a40("2", "1", 11), a40("3", "2", 12), a40("4", "3", 13))
    people = [said("A01", patient(number), minute=1) for number in "1234"]
    hospital.hears(*people, *(ordered(f"A{number}", number, minute=2) for number in "1234"))
    hospital.hears(*(chain[at] for at in arrival))
    assert whose(hospital, "1", "2", "3", "4") == ["4", "4", "4", "4"]
    assert {hospital.order(f"A{number}").person_id for number in "1234"} == {hospital.person("4").id}
    assert hospital.cases() == []


@pytest.mark.parametrize("first", [0, 1])
def test_of_a_cycle_the_word_that_was_said_later_stands(hospital: Hospital, first: int) -> None:
    said_so = [a40("2", "1", 11), a40("1", "2", 12)]
    hospital.hears(ordered("A1", "1", minute=1), ordered("A2", "2", minute=1))
    hospital.hears(said_so[first], said_so[1 - first])
    assert whose(hospital, "1", "2") == ["1", "1"]
    assert hospital.order("A1").person_id == hospital.order("A2").person_id == hospital.person("1").id
    assert hospital.cases() == []


def test_a_cycle_over_three_ends_with_the_last_survivor(hospital: Hospital) -> None:
    hospital.hears(*(ordered(f"A{number}", number, minute=1) for number in "123"))
    hospital.hears(a40("2", "1", 11), a40("3", "2", 12), a40("1", "3", 13))
    assert whose(hospital, "1", "2", "3") == ["1", "1", "1"]
    assert {hospital.order(f"A{number}").person_id for number in "123"} == {hospital.person("1").id}
    assert hospital.person("1").merged_into == 0


@on_both
def test_a_loser_who_had_another_survivor_takes_along_only_what_was_theirs(hospital: Hospital) -> None:
    hospital.hears(*(ordered(f"A{number}", number, minute=1) for number in "123"))
    hospital.hears(a40("2", "1", 11))
    hospital.hears(ordered("A11", "1", minute=12))
    hospital.hears(a40("3", "1", 13))
    assert whose(hospital, "1", "2", "3") == ["3", "2", "3"]
    assert hospital.order("A2").person_id == hospital.person("2").id, "the former survivor's own"
    assert hospital.order("A1").person_id == hospital.order("A11").person_id == hospital.person("3").id
    assert "merged into another before" in hospital.journal()[-1].reason


def test_a_late_merge_of_a_loser_who_has_another_survivor_by_now_is_not_applied(hospital: Hospital) -> None:
    hospital.hears(*(ordered(f"A{number}", number, minute=1) for number in "123"))
    hospital.hears(a40("3", "1", 13), a40("2", "1", 11))
    assert whose(hospital, "1", "2", "3") == ["3", "2", "3"]
    assert "not applied" in hospital.journal()[-1].reason


def test_studies_go_along_with_a_loser_who_changes_the_survivor(hospital: Hospital) -> None:
    hospital.hears(adt("A04", "1"), adt("A04", "2"), adt("A04", "3"), merge("2", "1"))
    hospital.sees(study("1.2.1", "", demographics("1")), study("1.2.2", "", demographics("2")))
    hospital.hears(merge("3", "1"))
    assert hospital.study("1.2.1").person_id == hospital.person("3").id
    assert hospital.study("1.2.2").person_id == hospital.person("2").id


def test_the_same_merge_again_changes_nothing(hospital: Hospital) -> None:
    hospital.hears(ordered("A1", "1"), a40("2", "1", 11))
    before = index(hospital)
    hospital.hears(a40("2", "1", 12))
    assert index(hospital) == before
    assert "nothing to merge" in hospital.journal()[-1].reason


def test_several_pairs_in_one_message_are_several_merges(hospital: Hospital) -> None:
    hospital.hears(said("A40", patient("1"), mrg("11"), patient("2"), mrg("21"), mrg("22"), minute=5))
    assert whose(hospital, "11", "21", "22") == ["1", "2", "2"]


def test_several_numbers_in_mrg_1_are_one_loser_or_several(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("11"), minute=1), said("A01", patient("12"), minute=1))
    hospital.hears(said("A40", patient("1"), mrg("11 12 13 14^^^RIS"), minute=5))
    assert whose(hospital, "11", "12", "13") == ["1", "1", "1"]
    assert hospital.person("14", "RIS").id == hospital.person("1").id


def test_the_old_number_repeated_in_pid_3_is_still_merged_away(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), said("A01", patient("2"), minute=1))
    hospital.hears(said("A40", patient("2 1"), mrg("1"), minute=5))
    assert whose(hospital, "1", "2") == ["2", "2"]


def test_an_enterprise_number_in_both_lists_merges_nobody_else(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1 E^^^MPI"), minute=1), said("A01", patient("2"), minute=1))
    hospital.hears(said("A40", patient("2 E^^^MPI"), mrg("1 E^^^MPI"), minute=5))
    assert whose(hospital, "1", "2") == ["2", "2"]
    assert hospital.person("E", "MPI").id == hospital.person("2").id


def test_two_numbers_that_one_person_already_has_become_one(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1 2"), minute=1), a40("2", "1", 5))
    assert whose(hospital, "1", "2") == ["2", "2"]
    hospital.hears(said("A08", patient("1", "WRONG^ONE"), minute=6))
    assert str(hospital.person("2").demographics.name) == "FISCHER^ANNA"


def test_a_number_of_another_authority_stays_in_use(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1 R1^^^RIS"), minute=1), a40("2", "1", 5))
    hospital.hears(order("A100", pid("R1", issuer="RIS")))
    assert hospital.order().person_id == hospital.person("2").id
    assert hospital.cases() == []


@pytest.mark.parametrize("event", ["A18", "A30", "A34", "A36", "A39", "A40"])
def test_every_merge_of_the_standard_merges(hospital: Hospital, event: str) -> None:
    hospital.hears(said(event, patient("2"), mrg("1"), minute=5))
    assert whose(hospital, "1") == ["2"]


def test_a_merge_of_patient_and_account_brings_the_orders_of_the_account(hospital: Hospital) -> None:
    hospital.hears(ordered("A100", "1", visit="", minute=1))
    hospital.hears(order("A200", "PID|1||1^^^HOSP||FISCHER^ANNA||19600517|F||||||||||ACC1", visit="PV1|1|I"))
    hospital.hears(said("A36", patient("2", account="ACC2"), mrg("1", account="ACC1"), minute=5))
    assert hospital.order("A200").person_id == hospital.person("2").id
    assert hospital.order("A200").visit.number == "ACC2"


def test_a_sender_who_does_not_own_identity_merges_nobody(hospital: Hospital) -> None:
    owner = HL7SenderConfig(match=SenderMatch(sending_application="HIS"), owner_of=["identity"])
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [owner]}))
    hospital.hears(said("A01", patient("1"), minute=1), said("A01", patient("2"), minute=1))
    hospital.hears(said("A40", patient("2"), mrg("1"), sender="RIS", minute=5))
    assert whose(hospital, "1", "2") == ["1", "2"]
    assert "does not own identity" in hospital.journal()[-1].reason


# -- numbers that were merged away ------------------------------------------------------------------------------------


@on_both
@pytest.mark.parametrize("late", ["A08", "A01"])
def test_later_traffic_on_the_losers_number_is_a_case_and_no_new_patient(hospital: Hospital, late: str) -> None:
    hospital.hears(a40("2", "1", 11), said(late, patient("1", "OTHER^NAME"), minute=12, sender="OLDSYS"))
    assert hospital.people() == 2
    assert str(hospital.person("2").demographics.name) == "FISCHER^ANNA"
    case = hospital.case(CaseKind.RETIRED_IDENTIFIER)
    assert case.finding.person_id == hospital.person("2").id
    assert str(case.finding.owner) == "registration"
    assert f"ADT^{late} from OLDSYS uses the retired number 1^^^HOSP" in case.finding.cause


def test_an_order_on_the_losers_number_is_the_survivors_and_a_case(hospital: Hospital) -> None:
    hospital.hears(a40("2", "1", 11), ordered("A100", "1", minute=12))
    assert hospital.order().person_id == hospital.person("2").id
    assert "ORM^O01 from RIS" in hospital.case(CaseKind.RETIRED_IDENTIFIER).finding.cause


def test_a_report_on_the_losers_number_finds_the_order_and_is_a_case(hospital: Hospital) -> None:
    hospital.hears(ordered("A100", "1", minute=1), a40("2", "1", 11))
    late = "PID|1||1^^^HOSP||FISCHER^ANNA||19600517|F"
    hospital.hears(report("A100", patient=late))
    assert hospital.order().status == "COMPLETED"
    assert "ORU^R01 from RIS" in hospital.case(CaseKind.RETIRED_IDENTIFIER).finding.cause


def test_the_same_wrong_use_a_hundred_times_is_one_case(hospital: Hospital) -> None:
    hospital.hears(a40("2", "1", 11))
    for minute in range(12, 20):
        hospital.hears(ordered(f"A{minute}", "1", minute=minute))
    assert len(hospital.cases()) == 1
    with hospital.store.reading() as conn:
        assert len(conn.execute(t.notice.select()).all()) == 1


def test_what_was_written_before_the_merge_is_no_case_and_completes_the_losers_record(hospital: Hospital) -> None:
    hospital.hears(a40("2", "1", 11), said("A31", patient("1", "FISCHER^OLD"), minute=10), ordered("A1", "1", minute=9))
    assert hospital.cases() == []
    with hospital.store.reading() as conn:
        loser = persons.load_one(conn, hospital_loser(hospital, "1"))
    assert loser is not None
    assert str(loser.demographics.name) == "FISCHER^OLD"
    assert str(hospital.person("2").demographics.name) == "FISCHER^ANNA"


def hospital_loser(hospital: Hospital, number: str) -> int:
    """The person who was merged away under a number."""
    with hospital.store.reading() as conn:
        return persons.merged_away(conn, demographics(number).patient_id)


def test_a_case_of_a_retired_number_closes_when_the_merge_is_undone(hospital: Hospital) -> None:
    hospital.hears(a40("2", "1", 11), said("A08", patient("1"), minute=12))
    survivor, loser = hospital.person("2").id, hospital_loser(hospital, "1")
    with hospital.store.transaction() as conn:
        merges.unmerge(conn, survivor, loser, at=hospital.now)
    hospital.recheck()
    assert hospital.cases() == []
    assert [case.kind for case in hospital.cases("closed")] == [CaseKind.RETIRED_IDENTIFIER]


# -- suspected overlays -----------------------------------------------------------------------------------------------


def test_a_suspicion_against_the_loser_goes_along_with_the_merge(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), said("A01", patient("2"), minute=1))
    hospital.hears(said("A08", patient("1", "BAUER^KARL", "19851224", "M"), minute=2))
    hospital.hears(a40("2", "1", 5))
    assert hospital.person("2").quarantined
    assert "under suspicion" in hospital.journal()[-1].reason
    assert hospital.case(CaseKind.SUSPECTED_OVERLAY).finding.person_id == hospital.person("2").id
    with hospital.store.transaction() as conn:
        merges.unmerge(conn, hospital.person("2").id, hospital_loser(hospital, "1"), at=hospital.now)
    hospital.recheck()
    assert not hospital.person("2").quarantined
    assert hospital.person("1").quarantined


def test_a_merge_into_a_suspected_overlay_is_applied_and_lifts_nothing(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), said("A01", patient("2"), minute=1))
    bauer = {"name": "BAUER^KARL", "born": "19851224", "sex": "M"}
    hospital.hears(said("A08", patient("1", **bauer), minute=2), a40("1", "2", 5, **bauer))
    assert whose(hospital, "2") == ["1"]
    assert hospital.person("1").quarantined


def test_a_merge_of_two_who_differ_in_more_than_a_slip_says_so(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1", "BAUER^KARL", "19851224", "M"), minute=1))
    hospital.hears(said("A01", patient("2"), minute=1), a40("2", "1", 5))
    assert whose(hospital, "1") == ["2"]
    assert "is the merge right?" in hospital.journal()[-1].reason


# -- late news of the identity ----------------------------------------------------------------------------------------


@on_both
def test_an_update_that_was_written_before_another_does_not_undo_it(hospital: Hospital) -> None:
    hospital.hears(said("A28", patient("1"), minute=1))
    hospital.hears(said("A31", patient("1", "FISCHER^ANNE"), minute=12))
    hospital.hears(said("A31", patient("1", "FISCHER^OLD"), minute=11))
    assert str(hospital.person("1").demographics.name) == "FISCHER^ANNE"
    assert "later message" in hospital.journal()[-1].reason


def test_of_two_senders_neither_clock_outvotes_the_other(hospital: Hospital) -> None:
    hospital.hears(said("A31", patient("1", "FISCHER^ANNE"), minute=12))
    hospital.hears(said("A31", patient("1", "FISCHER^EVA"), minute=11, sender="OTHER"))
    assert str(hospital.person("1").demographics.name) == "FISCHER^EVA"


def test_visits_follow_the_survivor(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=1), a40("2", "1", 5))
    with hospital.store.reading() as conn:
        (row,) = conn.execute(t.visit.select()).all()
    assert row.person_id == hospital.person("2").id


@on_both
def test_a_loser_without_authority_is_nobody_of_another_one(hospital: Hospital) -> None:
    """Two authorities that deal out the same numbers, and a sender that leaves CX-4 out of MRG-1 alone."""
    hospital.hears(adt("A04", "2", "KOCH^URS", "19700101", "M"), adt("A04", "2", issuer="NORTH"))
    hospital.hears(adt("A04", "1", issuer="NORTH"))
    hospital.hears(said("A40", patient("1^^^NORTH"), "MRG|2", minute=30))
    assert hospital.person("2").demographics.name.alphabetic.family == "KOCH"
    assert hospital.person("2", "NORTH").id == hospital.person("1", "NORTH").id


@on_both
def test_whoever_leaves_a_chain_keeps_their_own_when_a_link_of_it_is_merged_elsewhere(hospital: Hospital) -> None:
    hospital.hears(*(said("A01", patient(number), minute=1) for number in "1235"))
    hospital.hears(*(ordered(f"A{number}", number, minute=2) for number in "123"))
    hospital.hears(a40("2", "1", 11), a40("3", "2", 12), a40("1", "3", 13))  # 1 stands again
    hospital.hears(a40("5", "2", 14))
    assert whose(hospital, "1", "2", "3") == ["1", "5", "1"]
    ids = {number: hospital.person(number).id for number in "15"}
    assert [hospital.order(f"A{number}").person_id for number in "123"] == [ids["1"], ids["5"], ids["1"]]


def test_the_undo_of_a_merge_takes_nothing_of_whoever_came_by_another_way(hospital: Hospital) -> None:
    hospital.hears(*(said("A01", patient(number), minute=1) for number in "123"))
    hospital.hears(*(ordered(f"A{number}", number, minute=2) for number in "123"))
    hospital.hears(a40("2", "1", 11), a40("3", "2", 12))
    three = hospital.person("3").id
    with hospital.store.transaction() as conn:
        first, second = (persons.merged_away(conn, PatientId(number, "HOSP")) for number in "12")
        merges.unmerge(conn, second, first, at=hospital.now)
        merges.merge(conn, three, first, at=hospital.now)
        merges.unmerge(conn, three, second, at=hospital.now)
    assert (hospital.order("A1").person_id, hospital.order("A2").person_id) == (three, second)
    assert whose(hospital, "1", "2") == ["3", "2"]


@on_both
def test_a_merge_that_is_said_again_changes_nothing(hospital: Hospital) -> None:
    """Into a number that has been merged away since, of a patient with one more number that nobody had heard of."""
    hospital.hears(said("A01", patient("3"), minute=1), said("A01", patient("2"), minute=1), a40("2", "1", 2))
    hospital.hears(a40("2", "3", 3), a40("3", "1 E5^^^ENT", 5))
    before = index(hospital)
    hospital.hears(a40("3", "1 E5^^^ENT", 5))
    assert index(hospital) == before
    assert whose(hospital, "1", "2", "3") == ["2", "2", "2"]


@on_both
@pytest.mark.parametrize("last", [a40("2", "1", 3), said("A47", patient("2"), mrg("1"), minute=3)])
def test_who_writes_the_number_in_use_beside_the_old_one_has_heard_of_it(hospital: Hospital, last: bytes) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), last)
    hospital.hears(said("A08", patient("1 2", "FISCHER^ANNE"), minute=4), ordered("A100", "1 2", minute=5))
    assert str(hospital.person("2").demographics.name) == "FISCHER^ANNE"
    assert hospital.order().person_id == hospital.person("2").id
    assert hospital.cases() == []


def test_a_number_of_another_authority_that_came_along_tells_nothing_of_the_merge(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1 E9^^^ENT"), minute=1), a40("2", "1", 3))
    hospital.hears(ordered("A100", "1 E9^^^ENT", minute=5))
    assert [str(case.kind) for case in hospital.cases()] == ["retired_identifier"]
