"""Vetoes about whose images these are: number, name, birth date and sex (who else it could be: `veto_namesake`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from radrecon.model.order import Order
from radrecon.model.patient import Demographics
from radrecon.model.person import Person
from radrecon.recon.compare import SAME, Level, compare_birth_dates, compare_ids, compare_names, compare_sexes
from radrecon.recon.evidence import Evidence
from radrecon.recon.lookalikes import hidden, mixed
from radrecon.recon.newborns import is_newborn
from radrecon.recon.nobody import birth_date_of, is_alias
from radrecon.recon.normalise import id_key
from radrecon.recon.surroundings import Surroundings
from radrecon.recon.times import nearest_gap

SAME_VISIT = timedelta(hours=36)
OTHERS = frozenset((Level.DIFFERENT, Level.FAMILY, Level.GENERATION))
NAMES_WITH_BOTH = SAME | {Level.NICKNAME, Level.NEAR}
SLIPS = frozenset((Level.NEAR, Level.SWAPPED))
AS_NAMED = SAME | {Level.MISSING}


def id_conflict(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    present = around.present_person
    if evidence.linked:
        yield "the images are a linked patient's: two persons until registration says otherwise"
    elif present and present != around.person_of(evidence.order):
        yield "the images' patient id is another known person's"
    elif not id_key(around.study.facts.patient.patient_id.value):
        yield "the images carry no patient id"
    elif evidence.identity.patient_id is Level.DIFFERENT:
        yield "the patient id differs"
    elif evidence.identity.patient_id is Level.OTHER_ISSUER:
        yield "the patient id is another issuer's"
    elif evidence.identity.patient_id not in SAME and around.number_holders - {around.person_of(evidence.order)}:
        yield "the images' patient id is another person's, by one slip from this one's"


def name(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """A short form or one slip, where both identifiers agree; else to the letter. A new family name is for a person.

    To the letter also where a merge brought two numbers together: whom the other one was given to may be a twin.
    """
    level = evidence.identity.name
    both = evidence.order_key and evidence.identity.patient_id in SAME
    both = both and not _is_merged(around.persons.get(around.person_of(evidence.order)))
    if level is Level.MISSING:
        both_named = evidence.order.patient.name and around.study.facts.patient.name
        yield "the names are in scripts that cannot be compared" if both_named else "a name is missing"
    elif level is not Level.LOOKALIKE and level not in (NAMES_WITH_BOTH if both else SAME):
        yield f"the name differs ({level})"


def _is_merged(person: Person | None) -> bool:
    """Two numbers of one authority: it deals out one to each."""
    issuers = [one.issuer for one in person.identifiers] if person else []
    return len(issuers) > len(set(issuers))


def lookalike(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Text that only looks like the other's was typed over, or was made to look so."""
    found = around.study.facts.patient
    if Level.LOOKALIKE in (evidence.identity.name, evidence.identity.patient_id, evidence.accession):
        yield "letters of another script that only look alike"
    elif evidence.identity.name is not Level.EQUAL and mixed(found.name):
        yield "letters of several scripts in one word of the name"
    elif hidden(found.patient_id.value) or hidden(around.study.facts.accession_number):
        yield "a number holds characters that nobody sees"


def birth_date(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    level = evidence.identity.birth_date
    both = evidence.order_key and evidence.identity.patient_id in SAME
    if level is Level.MISSING:
        yield "a birth date is missing"
    elif level is not Level.EQUAL:
        yield f"the birth date differs ({level})"
    elif not (both or birth_date_of(around.study.facts.patient.birth_date)):
        yield "a birth date that stands for none tells nobody apart"


def sex(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.identity.sex is Level.DIFFERENT:
        yield "the sex differs"


def identifier(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Name and birth date alone are shared by too many (1 in 200 such pairs are two people).

    The patient id alone leads to a record, which may be somebody else's by now, or two people's.
    """
    if evidence.order_key:
        return
    if evidence.identity.patient_id not in SAME:
        yield "neither accession number, Study Instance UID nor patient id agrees"
    elif not around.study.person_id:
        yield "the patient id alone does not lead to one person of the index"
    elif not named_by_both(evidence.order, around):
        yield "only the patient id agrees, and order and record do not both name whom the images name"
    elif _by_merge(evidence.order, around):
        yield "only the patient id agrees, and a merge made it this patient's: the order was placed under another"


def _by_merge(order: Order, around: Surroundings) -> bool:
    """Whether the images have another number of a merged record than the order was placed under."""
    number = compare_ids(order.patient.patient_id, around.study.facts.patient.patient_id)
    return number not in AS_NAMED and _is_merged(around.persons.get(around.person_of(order)))


def named_by_both(order: Order, around: Surroundings) -> bool:
    """Order and record both name the patient whom the images name: to the letter, as far as either is told.

    One of them may be somebody else's: a record that was written over, or merged with a relative's.
    """
    person = around.persons.get(around.person_of(order))
    truths = (order.patient, person.demographics) if person else (order.patient,)
    return all(_names(truth, around.study.facts.patient) for truth in truths)


def _names(truth: Demographics, found: Demographics) -> bool:
    born, named = _told(truth, found)
    other_sex = compare_sexes(truth.sex, found.sex) is Level.DIFFERENT
    return named in AS_NAMED and born in (Level.EQUAL, Level.PART, Level.MISSING) and not other_sex


def quarantined(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    people = (around.persons.get(around.person_of(evidence.order)), around.persons.get(around.present_person))
    if any(person and person.quarantined for person in people):
        yield "the patient's identity is under suspicion (overlay)"


def alias(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """TRAUMA, ALPHA is given again to the next one: it is a person only within one visit."""
    if not (is_alias(around.study.facts.patient) or is_alias(evidence.order.patient)):
        return
    both = evidence.order_key and evidence.identity.patient_id in SAME
    if not both or evidence.gap is None or abs(evidence.gap) > SAME_VISIT:
        yield "a temporary name: whoever has it now may be another visit's"


def chimera(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """The order was heard with one person's number and another's name and birth date: whose it is nobody knows."""
    if "identity_conflict" in evidence.order.flags:
        yield "the order names another patient than the one known under its number"


def renamed(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """The order was heard for somebody else than its record now says: merged or overwritten by mistake, perhaps.

    A new family name is a marriage; a temporary or a newborn's name was given away. A slip in a name or a birth date is
    mended, unless a merge lies between, or an order of that day was placed for what the images have: then it is
    another's, a twin's or a namesake's.
    """
    named, found, identity = evidence.order.patient, around.study.facts.patient, evidence.identity
    agrees = identity.birth_date is Level.EQUAL and identity.name not in OTHERS
    if not agrees or is_alias(named):
        return  # the record contradicts the images as well, or the name was meant to be replaced
    born, name_level = _told(named, found)
    if is_newborn(named):  # who is named now; the day of birth stays. And there are people whose name is Baby
        name_level = Level.MISSING
    other_sex = identity.sex is Level.EQUAL and compare_sexes(named.sex, found.sex) is Level.DIFFERENT
    if born is Level.DIFFERENT or name_level in OTHERS or other_sex:
        yield "the order was placed for another patient than the images name"
    elif born in SLIPS or name_level not in AS_NAMED:
        if id_key(named.patient_id.value) and compare_ids(named.patient_id, found.patient_id) not in SAME:
            yield "the order was placed under another number, which a merge made this patient's, and not quite so named"
        elif any(_is_closer(one, evidence, around) for one in around.orders):
            yield "another order of that day was placed for the name or the birth date that the images have"


def _told(named: Demographics, found: Demographics) -> tuple[Level, Level]:
    """How the birth date and the name that an order was placed for agree with those of the images."""
    born = compare_birth_dates(birth_date_of(named.birth_date), found.birth_date)
    return born, compare_names(named.name, found.name)


def _is_closer(other: Order, evidence: Evidence, around: Surroundings) -> bool:
    """Under the same record and due then, and placed for the images' birth date or name where this order was not."""
    facts = around.study.facts
    gap = nearest_gap(facts.performed, (step.start for step in other.steps))
    same_record = around.person_of(other) == around.person_of(evidence.order)
    if not same_record or gap is None or abs(gap) > SAME_VISIT:
        return False
    born, named = _told(evidence.order.patient, facts.patient)
    other_born, other_named = _told(other.patient, facts.patient)
    by_date = born in SLIPS and other_born is Level.EQUAL
    return by_date or (named not in AS_NAMED and other_named in SAME)
