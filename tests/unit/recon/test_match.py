from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.order import Order, StepStatus
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.model.study import Study
from radrecon.recon.identity import resolve
from radrecon.recon.match import Ranking, candidates

from .people import ANNA, SLOT, WATCH, order, person, study, who

BERTA = who("5822002", "SCHULZ^BERTA", "1971-01-02")
TWIN = who("4711002", "MEYER^ELSA")
NAMESAKE = who("6933003", "MEYER^ANNA")


def _led_to(images: Study, known: dict[int, Person]) -> int:
    """As the index resolves a number before anything is ranked."""
    return resolve(images.facts.patient.patient_id, known, "")


def rank(
    images: Study, *orders: Order, persons: tuple[Person, ...] = (), total: int = 50, truncated: bool = False
) -> Ranking:
    known = {each.id: each for each in (person(), *persons)}
    images = images if images.person_id else replace(images, person_id=_led_to(images, known))
    return candidates(images, orders, known, orders_total=total, truncated=truncated, taken={}, watch=WATCH)


def test_a_clean_study_is_associated() -> None:
    found = rank(study(), order(), order(11, "A2000", BERTA, person_id=2))
    assert found.automatic
    assert found.automatic.candidate.order_id == 10
    assert found.candidates[0].probability > 0.999
    assert found.candidates[0].vetoes == ()


def test_a_mistyped_accession_and_name_still_rank_the_right_order_first() -> None:
    found = rank(study("A1024", who(name="MEIER^ANA")), order(), order(11, "A1025", BERTA, person_id=2))
    assert found.candidates[0].order_id == 10
    assert found.candidates[0].probability > 0.9
    assert found.automatic is None


def test_no_order_heard_is_an_answer() -> None:
    assert rank(study()).null_probability == 1
    stranger = rank(study("B9", who("9", "UNRELATED^PERSON", "1933-03-03", "M")), order())
    assert stranger.null_probability > 0.9


def test_the_only_order_of_the_right_patient_does_not_win_by_the_patient() -> None:
    found = rank(study("B77", ANNA, modalities=("MR",), series=()), order(start="2026-11-02T08:00:00"))
    assert found.best_person_probability > 0.999
    assert found.null_probability > 0.9


def test_among_one_patients_orders_modality_and_time_decide() -> None:
    later = order(12, "A1043", modality="MR", start="2026-11-24T09:00:00")
    found = rank(study(""), later, order())
    assert [each.order_id for each in found.candidates] == [10, 12]
    assert found.candidates[0].probability > 0.95


def test_probabilities_are_a_distribution() -> None:
    found = rank(study(""), order(), order(11, "A2", BERTA, person_id=2), order(12, "A3"))
    assert 0.99 < found.null_probability + sum(each.probability for each in found.candidates) <= 1.0001


def test_at_most_nine_are_shown() -> None:
    found = rank(study(""), *(order(number, f"A{number}") for number in range(100, 150)))
    assert len(found.candidates) == 9


def test_the_order_of_arrival_does_not_matter() -> None:
    orders = [order(number, f"A10{number}", start=SLOT) for number in range(40, 60)]
    persons = (person(2, BERTA), person(3, TWIN))
    straight = rank(study(), *orders, persons=persons)
    random.Random(5).shuffle(orders)
    assert rank(study(), *orders, persons=tuple(reversed(persons))) == straight


OTHERS = (person(2, BERTA), person(3, TWIN), person(4, NAMESAKE), person(5, who("7", "MEYER^ANNA^^^JR", "1985-01-01")))


ADVERSARIAL = {
    "accession of another patient": (study("A1042", BERTA), order()),
    "accession of another patient, id mistyped": (study("A1042", who("5822020", "SCHULZ^BERTA")), order()),
    "the twin under her own id": (study("A1042", TWIN), order()),
    "the twin under the sister's id": (study("A1042", who("4711001", "MEYER^ELSA")), order()),
    "the twin without an id": (study("A1042", who("", "MEYER^ELSA")), order()),
    "a namesake with equal birth date under her own id": (study("A1042", NAMESAKE), order()),
    "a namesake with equal birth date and no id": (study("A1042", who("")), order()),
    "a namesake with equal birth date and an unknown id": (study("A1042", who("1234567")), order()),
    "junior for senior": (
        study("A1042", who(name="MEYER^ANNA^^^JR")),
        order(patient=who(name="MEYER^ANNA^^^SR")),
    ),
    "swapped digits that hit another real person": (study("A1042", who("4711002")), order()),
    "another birth date": (study("A1042", who(birth="1985-01-01")), order()),
    "a birth date one digit off": (study("A1042", who(birth="1960-05-11")), order()),
    "no birth date in the images": (study("A1042", who(birth="")), order()),
    "another sex": (study("A1042", who(sex="M")), order()),
    "another modality": (study("A1042", ANNA, modalities=("MR",), series=()), order()),
    "the other side": (
        study("A1042", ANNA, description="KNEE LEFT"),
        order(requested_procedure_description="KNEE RIGHT"),
    ),
    "a cancelled order": (study(), order(status=StepStatus.CANCELLED)),
    "eight days late": (study(performed="2026-11-30T15:00:00"), order()),
    "no accession, everything else equal": (study(""), order()),
    "an accession one slip away": (study("A1024"), order()),
    "the worklist's UID under a mistyped accession": (study("A1024"), order(study_instance_uid="1.2.3")),
    "an id that nobody has": (study("A1042", who("1234567")), order()),
    "no name": (study("A1042", who(name="")), order()),
    "only an initial and no id": (study("A1042", who("", "MEYER^A")), order()),
}


@pytest.mark.parametrize(("images", "ordered"), ADVERSARIAL.values(), ids=ADVERSARIAL.keys())
def test_no_automatic_link(images: Study, ordered: Order) -> None:
    found = rank(images, ordered, persons=OTHERS)
    assert found.automatic is None
    assert all(candidate.vetoes for candidate in found.candidates)


def test_a_clean_study_of_a_namesake_is_told_apart_by_both_identifiers() -> None:
    assert rank(study(), order(), persons=OTHERS).automatic


@pytest.mark.parametrize(
    ("patient", "name"),
    [
        (who(name="meyer^anna"), "case"),
        (who(name="MEYER^ANNA^^DR"), "a title"),
        (who(name="MEYER^ANNE"), "one slip"),
        (who(name="MEYER^ANNI"), "a short form"),
        (who("04711001"), "a leading zero"),
        (who(sex=""), "no sex"),
    ],
)
def test_what_does_not_forbid_an_association(patient: Demographics, name: str) -> None:
    assert rank(study("A1042", patient), order()).automatic, name


@pytest.mark.parametrize(
    "patient",
    [
        who(name="SCHULZ^ANNA"),
        who(name="ANNA^MEYER"),
        who(name="MEYER^A"),
        who("", "MEYER^ANNE"),
        who("9", "MEYER^ANNI"),
    ],
    ids=["another family name", "swapped", "an initial", "one slip and no id", "a short form and an unknown id"],
)
def test_a_name_that_a_person_has_to_look_at(patient: Demographics) -> None:
    assert rank(study("A1042", patient), order()).automatic is None


def test_the_same_accession_on_two_patients_orders_decides_nothing() -> None:
    found = rank(study(), order(), order(11, "A1042", BERTA, person_id=2), persons=(person(2, BERTA),))
    assert found.automatic is None
    assert found.candidates[0].order_id == 10


def test_two_orders_of_one_patient_under_one_accession_are_a_persons_choice() -> None:
    assert rank(study(), order(), order(11)).automatic is None


def test_a_list_that_was_cut_off_decides_nothing() -> None:
    assert rank(study(), order(), truncated=True).automatic is None


def test_a_quarantined_patient_is_left_alone() -> None:
    assert rank(study(), order(), persons=(person(quarantined=True),)).automatic is None


def test_an_order_that_has_images_is_not_given_twice() -> None:
    around = {"orders_total": 9, "truncated": False, "watch": WATCH}
    assert candidates(study(), [order()], {1: person()}, taken={10: 99}, **around).automatic is None
    assert candidates(study(), [order()], {1: person()}, taken={10: 17}, **around).automatic


def test_a_number_used_under_two_issuers_needs_both_identifiers() -> None:
    """Unless the other one who has it is somebody else by name and by birth date."""
    mine = person(1, who(issuer="HIS"))
    alike = person(2, who("4711001", "MEYER^UDO", "1950-01-01", "M", "LAB"))
    born = person(2, who("4711001", "BAUER^UDO", "1960-05-17", "M", "LAB"))
    stranger = person(2, who("4711001", "BAUER^UDO", "1950-01-01", "M", "LAB"))
    images = study("A1042", who(name="MEYER^ANNE"))
    assert rank(images, order(), persons=(mine, born)).automatic is None
    assert rank(images, order(), persons=(mine, alike)).automatic
    assert rank(images, order(), persons=(mine, stranger)).automatic
    assert rank(study(""), order(), persons=(mine,)).automatic
    assert rank(study(""), order(), persons=(mine, stranger)).automatic is None


def test_a_merged_number_leads_to_the_survivor() -> None:
    old = person(7, who("OLD7777"), merged_into=1)
    survivor = person(identifiers=(ANNA.patient_id, PatientId("OLD7777")))
    found = rank(replace(study("A1042", who("OLD7777")), person_id=7), order(), persons=(survivor, old))
    assert found.automatic


@given(
    st.text(max_size=8),
    st.text("0123456789", max_size=8),
    st.text("MEYERANS^", max_size=12),
    st.sampled_from(["1960-05-17", "1960-05-11", "1985-01-01", "", "x"]),
    st.sampled_from(["F", "M", ""]),
)
def test_nothing_is_ever_associated_against_a_conflict(
    accession: str, number: str, name: str, birth: str, sex: str
) -> None:
    found = rank(study(accession, who(number, name, birth, sex)), order(), persons=OTHERS)
    if found.automatic:
        assert (accession.strip(), birth, sex or "F") == ("A1042", "1960-05-17", "F")
    assert all(0 <= candidate.probability <= 1 for candidate in found.candidates)


# -- the patient id as the identifier ---------------------------------------------------------------------------------


def test_images_without_a_number_follow_their_patient_where_one_order_fits() -> None:
    """Typed in at the modality, the accession number left out: the commonest exception."""
    far = order(11, "A1050", modality="MR", start="2026-11-28T09:00:00")
    found = rank(study(""), order(), far).automatic
    assert found
    assert (found.candidate.order_id, found.rule) == (10, "link_by_patient_id")
    assert found.standing.order_probability > 0.999


@pytest.mark.parametrize(
    ("images", "others"),
    [
        (study("", who(name="MEYER^ANNE")), ()),
        (study("", who(birth="")), ()),
        (study("", who("9999999")), ()),
        (study("", series=(), modalities=()), ()),
        (study("", performed=""), ()),
        (study(""), (order(11, "A1043"),)),
        (study(""), (order(11, "A1043", start="2026-11-22T16:00:00"),)),
        (study("", performed="2026-11-26T14:34:00"), ()),
        (study("A1043"), ()),
        (study("Z9"), ()),
    ],
    ids=[
        "one slip in the name", "no birth date", "another id", "no modality", "no time", "two orders of one time",
        "two orders of one day", "days later", "a number one slip away", "another number",
    ],
)  # fmt: skip
def test_images_without_a_number_wait_for_a_person(images: Study, others: tuple[Order, ...]) -> None:
    found = rank(images, order(), *others)
    assert found.automatic is None
    assert all(candidate.vetoes for candidate in found.candidates)


def test_a_plain_slip_in_a_number_is_no_other_order() -> None:
    """Unless numbers dealt out in a row may explain it, or somebody has that number."""
    numbered = order(10, "A40018836", requested_procedure_description="CT HEAD")
    images = study("A70018836", description="CT HEAD")
    assert rank(images, numbered).automatic
    assert rank(study("A40018838", description="CT HEAD"), numbered).automatic is None
    assert (
        rank(images, numbered, order(11, "A70018836", BERTA, person_id=2), persons=(person(2, BERTA),)).automatic
        is None
    )
    assert rank(replace(images, facts=replace(images.facts, description="CT KNEE")), numbered).automatic is None
    assert rank(study("A70018836", who(name="MEYER^ANNE"), description="CT HEAD"), numbered).automatic is None


def test_two_studies_without_a_number_do_not_share_an_order() -> None:
    other = replace(study("", number=18), facts=replace(study("").facts, study_instance_uid="1.2.4"))
    around = {"orders_total": 9, "truncated": False, "taken": {}, "watch": WATCH}
    assert candidates(study("", person_id=1), [order()], {1: person()}, **around).automatic
    assert candidates(study("", person_id=1), [order()], {1: person()}, rivals=(other,), **around).automatic is None
    assert candidates(study(), [order()], {1: person()}, rivals=(other,), **around).automatic


def test_a_twin_in_the_index_needs_both_identifiers() -> None:
    assert rank(study(""), order(), persons=(person(3, TWIN),)).automatic is None
    assert rank(study(), order(), persons=(person(3, TWIN),)).automatic
