from __future__ import annotations

import random
from dataclasses import replace

import pytest

from radrecon.model.case import CaseKind, PairClass
from radrecon.model.duplicate import PersonRecord
from radrecon.model.errors import Refused
from radrecon.store import duplicates as stored
from radrecon.store import listings, person_records, persons
from radrecon.workflow import duplicates, key_sorting
from radrecon.workflow.casework import case_detail
from radrecon.workflow.dismissal import dismiss
from tests.builders import demographics, study
from tests.workflow.adt_messages import mrg, ordered, patient, said
from tests.workflow.hospital import CONFIG, Hospital, destination, on_both
from tests.workflow.messages import message
from tests.workflow.test_linking import a24

HOME = "12 High Street^^Hamburg^^20095^DEU^H"


def told(mrn: str, name: str = "FISCHER^ANNA", born: str = "19600517", sex: str = "F", **more: str) -> bytes:
    """A04 with address, phone, national id and mother's name."""
    fields = [""] * 31
    fields[1], fields[3], fields[5], fields[7], fields[8] = "1", f"{mrn}^^^HOSP", name, born, sex
    fields[6], fields[11] = more.get("mother", ""), more.get("home", "")
    fields[13], fields[19] = more.get("phone", ""), more.get("ssn", "")
    segments = ["|".join(["PID", *fields[1:]]).rstrip("|"), more.get("visit", "PV1|1|O")]
    return said(more.get("event", "A04"), *segments, minute=int(more.get("minute", "1")))


def pair_cases(hospital: Hospital, *states: str) -> list[str]:
    return [case.subject for case in hospital.cases(*states) if case.kind is CaseKind.DUPLICATE_PATIENTS]


def subject(hospital: Hospital, one: str, other: str) -> str:
    ids = sorted((hospital.person(one).id, hospital.person(other).id))
    return f"persons:{ids[0]}/{ids[1]}"


@on_both
def test_two_records_of_one_name_and_birth_date_are_proposed_and_nothing_is_merged(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200"), told("3", "SCHULZ^EVA", "19610101"))
    assert hospital.compares() >= 3
    case = hospital.case(CaseKind.DUPLICATE_PATIENTS)
    assert case.subject == subject(hospital, "1", "200")
    pair = case.finding.pair
    assert pair is not None
    assert pair.likeness is PairClass.LIKELY
    assert sum(reason.bits for reason in pair.reasons) == pytest.approx(pair.bits)
    assert hospital.people() == 3
    assert not hospital.person("200").merged_into
    assert hospital.compares() == 0


@on_both
def test_what_stands_beside_the_identity_is_read_from_the_journal(hospital: Hospital) -> None:
    beside = {"home": HOME, "phone": "040 1234567", "ssn": "65 170839 J", "mother": "MEIER^EVA"}
    hospital.hears(told("1", **beside), told("200", "FISHER^ANNE", "19600518", **beside))
    hospital.compares()
    case = hospital.case(CaseKind.DUPLICATE_PATIENTS)
    assert case.finding.pair is not None
    fields = {reason.field: reason.level for reason in case.finding.pair.reasons}
    assert {"national_id", "street", "place", "phone", "mothers_name"} <= set(fields)
    assert fields["national_id"] == fields["phone"] == fields["street"] == "equal"
    with hospital.store.reading() as conn:
        (known,) = person_records.told_of(conn, [hospital.person("1").id]).values()
    assert (known.particulars.street, known.particulars.postcode) == ("12 High Street", "20095")


@on_both
def test_twins_and_generations_are_no_case(hospital: Hospital) -> None:
    beside = {"home": HOME, "phone": "040 1234567", "mother": "MEIER^EVA"}
    hospital.hears(told("1", **beside), told("2", "FISCHER^BERTA", **beside))
    hospital.hears(told("3", "WEBER^KARL^^JR", "19400101", "M"), told("4", "WEBER^KARL^^SR", "19400101", "M"))
    hospital.compares()
    assert pair_cases(hospital) == []


@on_both
def test_a_merge_by_registration_closes_the_case(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200"))
    hospital.compares()
    hospital.hears(said("A40", patient("1"), mrg("200"), minute=5))
    hospital.compares()
    assert pair_cases(hospital) == []
    (closed,) = hospital.cases("closed")
    with hospital.store.reading() as conn:
        assert listings.case(conn, closed.id).close_reason == "one of them was merged away"


@on_both
def test_a_link_by_registration_closes_the_case(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200"))
    hospital.compares()
    assert pair_cases(hospital)
    hospital.hears(a24("1", "200", 5))
    hospital.compares()
    assert pair_cases(hospital) == []


@on_both
def test_a_person_merges_and_can_take_it_back(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"hl7_destination": [destination()]}))
    hospital.hears(told("1"), told("200"), ordered("A100", "200", minute=3), ordered("A101", "200", minute=3))
    hospital.compares()
    case = hospital.case(CaseKind.DUPLICATE_PATIENTS)
    plan = hospital.plans("merge", case)
    assert plan.target.patient_id.value == "200"  # more orders are under it
    assert any("1 is of two people" in text or "one is of two people" in text for text in plan.warnings)
    correction = hospital.corrects("merge", case)
    hospital.compares()
    assert pair_cases(hospital) == []
    assert hospital.person("1").id == hospital.person("200").id
    hospital.undoes(correction)
    hospital.compares()
    assert pair_cases(hospital) == [subject(hospital, "1", "200")]


@on_both
def test_a_pair_put_aside_comes_back_only_when_its_evidence_changes(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200"))
    hospital.compares()
    dismiss(hospital.store, hospital.case().id, reason="two people, both were here", who="ann", now=hospital.now)
    hospital.hears(told("1"), told("200"), ordered("A100", "1", minute=3))
    with hospital.store.transaction() as conn:
        stored.note(conn, [hospital.person("1").id, hospital.person("200").id], hospital.now)
    hospital.compares()
    assert pair_cases(hospital) == []
    hospital.hears(told("200", ssn="65170839", event="A08", minute="9"), told("1", "FISCHER^ANNA^MARIA", minute="9"))
    hospital.compares()
    assert pair_cases(hospital) == [subject(hospital, "1", "200")]


def test_a_pair_that_no_longer_agrees_closes(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200"))
    hospital.compares()
    hospital.hears(told("200", "FISCHER^ANNA", "19830211", event="A08", minute="9"))
    hospital.compares()
    assert pair_cases(hospital) == []


@on_both
def test_a_confidential_patient_is_compared_with_nobody(hospital: Hospital) -> None:
    secret = "PV1|1|O" + "|" * 14 + "Y"
    hospital.hears(told("1"), told("200", visit=secret))
    hospital.hears(told("3", "SCHULZ^EVA"), told("4", "SCHULZ^EVA"))
    hospital.compares()
    assert pair_cases(hospital) == [subject(hospital, "3", "4")]


def test_an_order_of_a_confidential_visit_hides_the_person_too(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200"))
    secret = "PV1|1|O" + "|" * 14 + "Y"
    raw = ordered("A101", "200", minute=4).decode()
    lines = [secret if line.startswith("PV1") else line for line in raw.rstrip("\r").split("\r")]
    hospital.hears(message(*lines))
    hospital.compares()
    assert pair_cases(hospital) == []


def compare_again(hospital: Hospital, *numbers: str) -> None:
    key_sorting.sort_some(hospital.store, 100)
    hospital.later(1)
    with hospital.store.transaction() as conn:
        stored.note(conn, [hospital.person(number).id for number in numbers], hospital.now)
    hospital.compares()


def test_a_confidential_patient_stays_so_until_somebody_says_otherwise(hospital: Hospital) -> None:
    secret = "PV1|1|O" + "|" * 14
    hospital.hears(told("1"), told("200", visit=f"{secret}Y"))
    hospital.hears(ordered("A101", "200", minute=4), told("200", event="A08", minute="5"))
    hospital.compares()
    hospital.hears(ordered("A102", "200", minute=6), told("200", event="A08", minute="7"))
    compare_again(hospital, "1", "200")
    assert pair_cases(hospital) == []
    hospital.hears(told("200", event="A08", minute="8", visit=f"{secret}N"))
    compare_again(hospital, "1", "200")
    assert pair_cases(hospital) == [subject(hospital, "1", "200")]


def test_what_the_first_message_told_is_read_however_many_have_come_since(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200", visit="PV1|1|O" + "|" * 14 + "Y"))
    hospital.hears(*(ordered(f"A{number}", "200", minute=number) for number in range(10, 20)))
    key_sorting.sort_some(hospital.store, 100)
    hospital.compares()
    assert pair_cases(hospital) == []


def test_cases_do_not_depend_on_who_came_first(hospital: Hospital) -> None:
    people = [told("1"), told("20"), told("300"), told("4000", "FISHER^ANNA"), told("50000", "FISCHER^BERTA")]
    hospital.hears(*people)
    hospital.compares()
    at_once = sorted(pair_cases(hospital))
    for _ in range(5):
        some = random.Random(7).sample(range(1, 6), 5)
        with hospital.store.transaction() as conn:
            stored.note(conn, some, hospital.now)
        duplicates.compare_some(hospital.store, hospital.now, limit=1)
        hospital.compares()
        assert sorted(pair_cases(hospital)) == at_once
    assert len(at_once) == 6


@on_both
def test_somebody_with_many_namesakes_is_cut_off_and_says_so(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "MOST_TO_A_KEY", 20)
    with hospital.store.transaction() as conn:
        ids = [persons.insert(conn, demographics(f"9{n:03}7", "SMITH^JOHN", sex="M")) for n in range(40)]
        stored.note(conn, ids, hospital.now)
    compared = hospital.compares()
    assert compared <= 40 * (1 + duplicates.MOST_CLOSER)
    assert len(pair_cases(hospital)) <= 20 * duplicates.MOST_SHOWN
    with hospital.store.reading() as conn:
        looks = [stored.look_at(conn, one) for one in ids]
    assert "more than 20 persons share the name and birth date" in (looks[-1].cut_off if looks[-1] else "")
    assert hospital.compares() == 0
    before = pair_cases(hospital)
    with hospital.store.transaction() as conn:
        stored.note(conn, ids, hospital.now)
    hospital.compares()
    assert set(pair_cases(hospital)) <= set(before)


def test_only_the_best_pairs_of_one_person_are_shown(hospital: Hospital) -> None:
    hospital.hears(*(told(f"{number}0{number}") for number in range(1, 9)))
    hospital.compares()
    first = hospital.person("101").id
    shown = [one for one in pair_cases(hospital) if one.startswith(f"persons:{first}/")]
    assert len(shown) == duplicates.MOST_SHOWN
    with hospital.store.reading() as conn:
        look = stored.look_at(conn, first)
    assert look is not None
    assert look.cut_off == "2 further records that may be this person are not shown"


@on_both
def test_a_case_shows_both_persons_and_what_is_beside_them(hospital: Hospital) -> None:
    hospital.hears(told("1", home=HOME), told("200", home=HOME))
    hospital.compares()
    detail = case_detail(hospital.store, hospital.case().id)
    assert detail.pair is not None
    assert set(detail.persons) == {detail.pair.survivor_id, detail.pair.non_survivor_id}
    assert {one.street for one in detail.particulars.values()} == {"12 High Street"}
    assert {verb for verb, why in detail.verbs.items() if not why} == {"merge", "dismiss"}
    other = detail.pair.non_survivor_id
    with hospital.store.reading() as conn:
        assert [row.id for row in listings.cases_about(conn, person_ids=[other])] == [detail.case.id]


def test_a_suspected_overlay_comes_first(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200"))
    hospital.hears(told("200", "SCHULZ^EVA", "19830211", event="A08", minute="9"))
    hospital.compares()
    assert pair_cases(hospital) == []
    assert "suspected_overlay" in hospital.kinds()


@on_both
def test_bad_particulars_break_nothing(hospital: Hospital) -> None:
    hospital.hears(told("1", home="^^^^^^~&&&", phone="a@b~^NET^X.400", ssn='""', mother="^^^^"))
    hospital.hears(told("200", "", "", "", home="\\X00\\", phone="\\E\\", ssn="999999999"))
    hospital.hears(told("3", "^^^^", "00000000", "?"))
    hospital.compares()
    assert pair_cases(hospital) == []


def test_one_who_breaks_holds_up_nobody(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    hospital.hears(told("1"), told("200"), told("3", "SCHULZ^EVA", "19610101"))
    broken = hospital.person("3").id
    real = duplicates._near

    def near(conn: object, record: PersonRecord) -> duplicates.Near:
        if record.person.id == broken:
            raise RuntimeError("broken")
        return real(conn, record)  # type: ignore[arg-type]

    monkeypatch.setattr(duplicates, "_near", near)
    hospital.compares()
    assert pair_cases(hospital) == [subject(hospital, "1", "200")]
    assert hospital.compares() == 0


def test_it_waits_until_nothing_else_is_due(hospital: Hospital) -> None:
    hospital.hears(told("1"))
    with hospital.store.reading() as conn:
        assert stored.waiting(conn) == 1
    hospital.takes(told("200"))
    assert duplicates.compare_when_idle(hospital.store, hospital.now) == 0
    hospital.reconcile()
    assert duplicates.compare_when_idle(hospital.store, hospital.now) == 2


def test_a_merge_of_another_pair_is_refused_by_its_case(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200"))
    hospital.compares()
    assert "cannot be merged into itself" in hospital.refused(
        Refused, "merge", values={"survivor": "1^^^HOSP", "non_survivor": "1^^^HOSP"}
    )


def test_the_images_of_the_one_who_goes_are_in_the_plan(hospital: Hospital) -> None:
    hospital.hears(told("1"), told("200"), ordered("A100", "1", minute=3), ordered("A101", "200", minute=3))
    hospital.sees(study("1.2.3", "A101", replace(demographics("200"))))
    hospital.compares()
    plan = hospital.plans("merge", hospital.case(CaseKind.DUPLICATE_PATIENTS))
    assert plan.touches["orders"] == 1
    assert plan.index_changes[0].action == "merge"
