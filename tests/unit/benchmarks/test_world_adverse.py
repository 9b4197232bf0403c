"""The worst world: the same seed makes the same one, and only what nothing can tell counts as a wrong pick."""

from __future__ import annotations

from dataclasses import replace

from benchmarks._world import Group, Header
from benchmarks._world_adverse import (
    FIELDS,
    OTHER,
    OWN,
    SPOILT,
    Side,
    adversarial,
    exclusive,
    is_pick,
    named_throughout,
)
from benchmarks._world_exams import PROCEDURES, STATIONS, Exam
from benchmarks._world_kin import PAIRS, Role
from benchmarks._world_register import Human
from radrecon.model.names import PersonName
from radrecon.model.order import Order
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person

EXAM = Exam(PROCEDURES[0], "", STATIONS["DX"][0], 600)
ANNA = Header("40000001", "", "1.2.1", "1000001", "", "Smith^Anna", "1980-05-17", "F")
BERTA = Header("40000007", "", "1.2.7", "1000055", "", "Smith^Berta", "1980-05-17", "F")
ALL_OWN, ALL_OTHERS = dict.fromkeys(FIELDS, OWN), dict.fromkeys(FIELDS, OTHER)


def side(number: int, header: Header) -> Side:
    human = Human(number, PersonName.parse(header.name), header.birth, header.sex)
    person = Person(number, Demographics(PatientId(header.patient_id), human.name, header.birth, header.sex))
    return Side(Role(human, person), Order(id=number), EXAM, header)


ONE, OTHER_ONE = side(1, ANNA), side(2, BERTA)


def test_the_same_seed_makes_the_same_world() -> None:
    one, other = adversarial(3, 5, 300), adversarial(3, 5, 300)
    assert one.studies == other.studies
    assert one.truths == other.truths


def test_every_way_to_be_confused_occurs() -> None:
    world = adversarial(1, 0, 2_000)
    kinds = {truth.kind.removesuffix("_picked").removesuffix("_none") for truth in world.truths}
    assert kinds == {kind for kind, _, _ in PAIRS}


def test_each_study_is_of_whom_its_order_is() -> None:
    world = adversarial(2, 0, 2_000)
    for truth in world.truths:
        assert all(world.human_of(one) == truth.human for one in truth.orders)
        assert (truth.group is Group.PICK) == truth.kind.endswith("_picked")
    picks = sum(truth.group is Group.PICK for truth in world.truths)
    assert picks < len(world.truths) / 8


def test_identifiers_lead_to_one_person_each() -> None:
    persons = adversarial(4, 0, 1_000).register.persons.values()
    numbers = [one for person in persons for one in person.identifiers]
    assert len(numbers) == len(set(numbers))


def test_the_own_header_speaks_for_its_patient() -> None:
    own, others = exclusive(ANNA, ALL_OWN, ONE, OTHER_ONE)
    assert own > 1
    assert others == 0


def test_the_others_header_throughout_speaks_for_the_other_alone() -> None:
    own, others = exclusive(BERTA, ALL_OTHERS, ONE, OTHER_ONE)
    assert own == 0
    assert others > 1


def test_one_own_field_among_the_others_is_enough_to_tell() -> None:
    header = replace(BERTA, patient_id=ANNA.patient_id)
    assert exclusive(header, ALL_OTHERS | {"patient_id": OWN}, ONE, OTHER_ONE)[0] == 1


def test_a_spoilt_value_speaks_for_whoever_it_was() -> None:
    header = replace(BERTA, patient_id="10000019")
    assert exclusive(header, ALL_OTHERS | {"patient_id": SPOILT}, ONE, OTHER_ONE)[0] == 1


def test_what_both_share_speaks_for_neither() -> None:
    header = Header(birth="1980-05-17")
    assert exclusive(header, ALL_OWN, ONE, OTHER_ONE) == (0, 0)


def test_one_number_of_both_is_whose_worklist_entry_gave_the_study_uid() -> None:
    shared = side(2, replace(BERTA, accession=ANNA.accession))
    never_sent = replace(ONE, order=None)
    header = replace(ANNA, uid=BERTA.uid)
    assert exclusive(header, ALL_OWN, ONE, shared) == (3 - 1, 1)  # patient id and name; the date is both's
    assert exclusive(header, ALL_OWN, never_sent, shared) == (2, 1)
    assert exclusive(ANNA, ALL_OWN, never_sent, shared) == (2, 0)  # a UID that nobody has heard of


def test_a_way_of_writing_is_no_other_name() -> None:
    header = Header(name="SMITH, BERTA")
    assert exclusive(header, ALL_OTHERS, ONE, OTHER_ONE) == (0, 1)


def test_a_missing_generation_says_nothing() -> None:
    senior, junior = side(1, replace(ANNA, name="Smith^John")), side(2, replace(BERTA, name="Smith^John^^^Jr"))
    assert exclusive(Header(name="Smith^John"), ALL_OWN, senior, junior) == (0, 0)
    stated = side(1, replace(ANNA, name="Smith^John^^^Sr"))
    assert exclusive(Header(name="Smith^John^^^Sr"), ALL_OWN, stated, junior) == (1, 0)


def test_both_numbers_letter_by_letter_are_the_others_header() -> None:
    assert named_throughout(BERTA, OTHER_ONE)
    assert not named_throughout(replace(BERTA, accession="40000001"), OTHER_ONE)


def test_a_form_of_the_others_name_speaks_for_nobody_whom_the_index_does_not_know() -> None:
    miguel, michael = (side(at, replace(ANNA, name=f"Smith^{each}")) for at, each in ((1, "Miguel"), (2, "Michael")))
    header = Header(name="Smith^Miguel")
    unknown = replace(miguel, role=replace(miguel.role, person=None))
    assert exclusive(header, ALL_OWN, miguel, michael) == (1, 0)
    assert exclusive(header, ALL_OWN, unknown, michael) == (0, 0)
    assert exclusive(header, ALL_OWN, unknown, side(2, replace(ANNA, name="Smith^Mike"))) == (1, 0)


def test_any_number_of_the_others_names_them() -> None:
    assert OTHER_ONE.role.person
    known = replace(OTHER_ONE.role.person, identifiers=(PatientId("1000055"), PatientId("0073000001", "OLDRIS")))
    other = replace(OTHER_ONE, role=replace(OTHER_ONE.role, person=known))
    assert named_throughout(replace(BERTA, patient_id="0073000001"), other)
    assert not named_throughout(replace(BERTA, patient_id="0073000001"), OTHER_ONE)


def test_a_header_of_the_others_is_a_pick_and_one_slip_is_none() -> None:
    assert is_pick(BERTA, ALL_OTHERS, ONE, OTHER_ONE)
    assert is_pick(ANNA, ALL_OWN, ONE, OTHER_ONE) is False
    slip = Header(accession=BERTA.accession)
    assert is_pick(slip, ALL_OTHERS, ONE, OTHER_ONE) is False


def test_both_numbers_of_the_other_are_a_pick_where_the_own_order_was_never_sent_and_numbered_alike() -> None:
    """Nobody could know that these numbers may be the one's as well; of an order that was sent, its record says so."""
    alike = side(1, replace(ANNA, accession=BERTA.accession, patient_id=BERTA.patient_id, name=BERTA.name))
    header = replace(BERTA, name="", birth="", sex="", uid="")
    assert is_pick(header, ALL_OTHERS, replace(alike, order=None), OTHER_ONE)
    assert is_pick(header, ALL_OTHERS, alike, OTHER_ONE) is False


def test_of_a_patient_whom_the_index_has_never_heard_of_only_its_silence_could_tell() -> None:
    nobody = replace(ONE, order=None, role=replace(ONE.role, person=None))
    assert is_pick(BERTA, ALL_OTHERS, nobody, OTHER_ONE) is None


def test_a_number_of_an_order_never_sent_is_nobodys_where_one_slip_makes_it_the_others() -> None:
    header, never_sent = Header(accession=ANNA.accession), replace(ONE, order=None)
    far = side(2, replace(BERTA, accession="40007777"))
    assert exclusive(header, ALL_OWN, ONE, OTHER_ONE) == (1, 0)
    assert exclusive(header, ALL_OWN, never_sent, OTHER_ONE) == (0, 0)  # 40000001 and 40000007
    assert exclusive(header, ALL_OWN, never_sent, far) == (1, 0)


def test_a_slip_that_is_one_from_the_others_number_at_another_site_speaks_for_nobody() -> None:
    header = Header(patient_id="100000")
    assert OTHER_ONE.role.person
    elsewhere = replace(OTHER_ONE.role.person, identifiers=(PatientId("1000055"), PatientId("1000003", "NORTH")))
    two = replace(OTHER_ONE, role=replace(OTHER_ONE.role, person=elsewhere))
    assert exclusive(header, ALL_OWN | {"patient_id": SPOILT}, ONE, OTHER_ONE) == (1, 0)
    assert exclusive(header, ALL_OWN | {"patient_id": SPOILT}, ONE, two) == (0, 0)
