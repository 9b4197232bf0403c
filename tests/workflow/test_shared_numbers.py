"""A number that relatives share (an insurance's) merges and renames nobody but the patient who is named beside it."""

from __future__ import annotations

import pytest

from tests.workflow.adt_messages import mrg, ordered, patient, said
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import report
from tests.workflow.test_further_numbers import NO_ISSUER
from tests.workflow.test_merging import whose

SISTER = patient("9 F7^^^INS", "FISCHER^BERTA", born="19620202")


def family(hospital: Hospital) -> None:
    """The sister was here first, so that the number leads to her."""
    hospital.hears(said("A04", SISTER, minute=1), ordered("A900", "9", minute=1, name="FISCHER^BERTA"))
    hospital.hears(said("A04", patient("2 F7^^^INS"), minute=1), said("A04", patient("1"), minute=1))


def reason(hospital: Hospital) -> str:
    return str(hospital.journal()[-1].reason)


@on_both
@pytest.mark.parametrize("event", ["A40", "A18", "A34"])
@pytest.mark.parametrize("losers", ["2 F7^^^INS", "F7^^^INS 2", "3 F7^^^INS"])
def test_a_merge_takes_no_relative_along(hospital: Hospital, event: str, losers: str) -> None:
    family(hospital)
    sister = hospital.person("9").id
    hospital.hears(said(event, patient("1"), mrg(losers), minute=5))
    assert hospital.person("9").id == hospital.person("F7", "INS").id == sister != hospital.person("1").id
    assert hospital.order("A900").person_id == sister
    assert whose(hospital, losers.replace("F7^^^INS", "").strip()) == ["1"]
    assert "F7^^^INS is another patient's" in reason(hospital)


@on_both
def test_a_record_that_was_only_known_by_the_further_number_is_merged_too(hospital: Hospital) -> None:
    hospital.hears(said("A04", patient("F7^^^INS R1^^^RIS"), minute=1), said("A04", patient("2"), minute=1))
    hospital.hears(said("A40", patient("1"), mrg("2 F7^^^INS"), minute=5))
    assert hospital.person("1").id == hospital.person("2").id == hospital.person("F7", "INS").id


@on_both
def test_a_changed_number_is_taken_over_beside_one_that_a_relative_has(hospital: Hospital) -> None:
    family(hospital)
    hospital.hears(said("A47", patient("20"), mrg("2 F7^^^INS"), minute=5))
    assert whose(hospital, "2", "20", "9") == ["20", "20", "9"]
    assert hospital.person("F7", "INS").id == hospital.person("9").id


@on_both
@pytest.mark.parametrize("event", ["A40", "A43"])
def test_a_twin_who_is_known_by_the_shared_number_alone_stays_apart(hospital: Hospital, event: str) -> None:
    hospital.hears(ordered("A900", "F7^^^INS", minute=1, name="FISCHER^BERTA"), said("A04", patient("2"), minute=1))
    hospital.hears(said(event, patient("1"), mrg("2 F7^^^INS"), minute=5))
    assert hospital.person("1").id == hospital.person("2").id
    assert hospital.order("A900").person_id == hospital.person("F7", "INS").id != hospital.person("1").id
    assert "name, birth date or sex differs" in reason(hospital)


@on_both
def test_a_moved_number_takes_no_number_of_a_relative_along(hospital: Hospital) -> None:
    family(hospital)
    hospital.hears(said("A43", patient("1"), mrg("2 F7^^^INS"), minute=5))
    assert hospital.person("2").id == hospital.person("1").id
    assert hospital.person("F7", "INS").id == hospital.person("9").id


def test_a_temporary_record_under_a_further_number_is_merged(hospital: Hospital) -> None:
    hospital.hears(ordered("A900", "T7^^^ER", minute=1, name="TRAUMA^ALPHA"), said("A04", patient("2"), minute=1))
    hospital.hears(said("A40", patient("1"), mrg("2 T7^^^ER"), minute=5))
    assert hospital.order("A900").person_id == hospital.person("1").id


def test_who_was_left_alone_stays_so_when_it_is_said_again(hospital: Hospital) -> None:
    hospital.hears(ordered("A900", "F7^^^INS", minute=1, name="FISCHER^BERTA"), said("A04", patient("1"), minute=1))
    for minute in (5, 6):
        hospital.hears(said("A40", patient("1", "FISCHER^ANNE"), mrg("2 F7^^^INS"), minute=minute))
        assert hospital.order("A900").person_id != hospital.person("1").id


@on_both
def test_the_shared_number_written_first_gives_nothing_to_the_relative(hospital: Hospital) -> None:
    """No issuer is set for the site, and the sender writes the insurance's number first."""
    hospital.configure(NO_ISSUER)
    family(hospital)
    sister, anna = hospital.person("9"), hospital.person("2")
    hospital.hears(ordered("A100", "F7^^^INS 2", minute=3))
    assert hospital.order("A100").person_id == anna.id
    assert "2^^^HOSP is meant" in reason(hospital)
    hospital.hears(report("A100", patient=patient("F7^^^INS 2")))
    hospital.hears(said("A08", patient("F7^^^INS 2", "FISCHER^ANNA^M"), minute=4))
    assert str(hospital.person("2").demographics.name) == "FISCHER^ANNA^M"
    hospital.hears(said("A40", patient("F7^^^INS 2"), mrg("1"), minute=5))
    assert hospital.person("1").id == anna.id
    assert hospital.person("9").demographics == sister.demographics


def test_the_first_number_counts_where_it_is_the_sites_or_agrees(hospital: Hospital) -> None:
    family(hospital)
    hospital.hears(ordered("A100", "9 2^^^RIS", minute=3), said("A04", patient("5^^^RIS"), minute=3))
    hospital.hears(ordered("A101", "9 5^^^RIS", minute=3), ordered("A102", "F7^^^INS 7^^^RIS", minute=3))
    assert {hospital.order(one).person_id for one in ("A100", "A101", "A102")} == {hospital.person("9").id}
