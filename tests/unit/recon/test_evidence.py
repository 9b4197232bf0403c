from __future__ import annotations

import pytest

from radrecon.model.patient import Demographics, PatientId
from radrecon.recon.compare import Level
from radrecon.recon.evidence import Evidence, Scale, weigh_order

from .people import ANNA, PERFORMED, facts, order, person, who

SCALE = Scale(1000)


def evidence(accession: str = "A1042", patient: Demographics = ANNA, **changes: object) -> Evidence:
    return weigh_order(facts(accession, patient, **changes), order(), person(), SCALE)


def test_the_bits_shown_add_up() -> None:
    found = evidence("A1024", who(name="MEIER^ANA", birth="1960-05-11"))
    assert found.bits == pytest.approx(sum(reason.bits for reason in found.reasons), abs=0.005)


def test_every_field_that_speaks_is_named_in_words() -> None:
    texts = {reason.field: reason.text for reason in evidence("A1024", who(birth="1960-05-11")).reasons}
    assert texts["accession_number"] == "accession number one slip from A1042"
    assert texts["patient_birth_date"] == "birth date one digit or a transposition apart"
    assert texts["performed"] == "4 min after the slot at CT2"
    assert texts["modality"] == "modality CT"


@pytest.mark.parametrize(
    ("performed", "text"),
    [
        ("2026-11-22T14:30:00", "at the scheduled time at CT2"),
        ("2026-11-22T13:30:00", "60 min before the slot at CT2"),
        ("2026-11-22T20:30:00", "6 h after the slot at CT2"),
        ("2026-11-29T14:30:00", "7 days after the slot at CT2"),
    ],
)
def test_time_in_words(performed: str, text: str) -> None:
    assert text in {reason.text for reason in evidence(performed=performed).reasons}


def test_silent_fields_give_no_reason() -> None:
    found = weigh_order(facts("", Demographics(), performed="", modalities=(), series=()), order(), None, SCALE)
    assert found.reasons == ()
    assert not found.speaks


def test_images_from_before_a_change_of_name_still_fit_their_order() -> None:
    renamed = person(patient=who(name="SCHULZ^BERTA"))
    assert weigh_order(facts(), order(), renamed, SCALE).identity.name is Level.EQUAL


def test_identity_is_taken_whole_from_one_record() -> None:
    """Half of it from the index and half from the order would be a patient that nobody ever described."""
    other = person(patient=who("4711001", "MEYER^ANNA", "1988-01-02"))
    half = order(patient=who("4711001", "SCHULZ^BERTA", "1960-05-17"))
    found = weigh_order(facts(), half, other, SCALE).identity
    assert not found.name_and_birth


def test_any_identifier_of_the_person_agrees() -> None:
    merged = person(identifiers=(PatientId("4711001"), PatientId("OLD7777")))
    assert weigh_order(facts(patient=who("OLD7777")), order(), merged, SCALE).identity.patient_id is Level.EQUAL


def test_a_near_number_alone_does_not_speak() -> None:
    assert not evidence("A1024", who("9", "SCHULZ^BERTA", "1988-01-02")).speaks
    assert evidence("A1024").speaks


def test_the_slot_is_a_wall_clock() -> None:
    assert evidence(performed=PERFORMED).gap is not None
