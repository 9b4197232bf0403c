"""Vetoes about the order: its number and whoever else has it, what was ordered, when, and whether it is still due."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from radrecon.model.order import Order
from radrecon.model.study import StudyFacts
from radrecon.recon.compare import (
    SAME,
    Level,
    compare_accessions,
    compare_birth_dates,
    compare_ids,
    compare_names,
)
from radrecon.recon.evidence import Evidence, accession_level, is_dead
from radrecon.recon.normalise import accession_key, fold, id_key
from radrecon.recon.procedure import compare_modalities
from radrecon.recon.surroundings import Surroundings
from radrecon.recon.times import nearest_gap
from radrecon.recon.veto_identity import named_by_both

LONGEST_GAP = timedelta(days=7)
CLOSE = timedelta(hours=2)
SAME_DAY = timedelta(hours=12)
IN_A_ROW = 50  # numbers that a busy RIS deals out while one patient's orders are placed


def wrong_entry(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if around.study.wrong_worklist_entry:
        yield "the modality says that the wrong worklist entry was selected"


def accession(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Another number is another order's until somebody has looked. A plain slip in this one's is not."""
    apart = evidence.accession in (Level.NEAR, Level.DIFFERENT, Level.OTHER_ISSUER)
    if apart and not _mistyped(evidence, around):
        near = evidence.accession is Level.NEAR
        yield f"the images carry another accession number{', though one slip from this one' if near else ''}"


def _mistyped(evidence: Evidence, around: Surroundings) -> bool:
    """One slip in a number that nobody has, with patient, examination and time all agreeing.

    Numbers are dealt out in a row: one a few further on may be an order's that was never heard. The first digits say
    which system dealt it out: with another first one it may be another system's. And it is as near to nobody else's.
    Who has the UID of a worklist entry has its number, too, and has typed nothing. And the order was placed under the
    patient id of the images: one that a merge has brought together with it may be somebody else's, wrongly merged;
    so may be one whose record names somebody else than the order does, and the images.
    """
    mine, found = evidence.order.accession_number, around.study.facts.accession_number
    fits = evidence.modality in SAME and evidence.region is Level.EQUAL and evidence.gap is not None
    return (
        evidence.accession is Level.NEAR
        and evidence.uid is not Level.EQUAL
        and compare_ids(evidence.order.patient.patient_id, around.study.facts.patient.patient_id) in SAME
        and evidence.identity.patient_id in SAME
        and evidence.identity.name_and_birth
        and fits
        and abs(evidence.gap or LONGEST_GAP) <= CLOSE
        and not around.numbered(found)
        and not _in_a_row(id_key(mine), id_key(found))
        and id_key(mine)[:1] == id_key(found)[:1]
        and named_by_both(evidence.order, around)
        and not _as_near(evidence, around)
    )


def _as_near(evidence: Evidence, around: Surroundings) -> bool:
    """Another patient's order whose number is one slip from the images' as well, and that they could be of.

    Numbers are dealt out densely: of somebody else altogether, and for another examination, it is a coincidence.
    """
    own, found = around.person_of(evidence.order), around.study.facts.accession_number
    others = (one for one in around.orders if one != evidence.order and (around.person_of(one) != own or not own))
    near = (one for one in others if compare_accessions(one.accession_number, found) is Level.NEAR)
    return any(_could_be(one, around) for one in near)


def _could_be(other: Order, around: Surroundings) -> bool:
    """Name or birth date is not another, or the examination was of that kind and due that day."""
    facts, person = around.study.facts, around.persons.get(around.person_of(other))
    known = (other.patient, *([person.demographics] if person else ()))
    alike = any(
        compare_birth_dates(one.birth_date, facts.patient.birth_date) is not Level.DIFFERENT
        or compare_names(one.name, facts.patient.name) not in (Level.DIFFERENT, Level.FAMILY, Level.GIVEN)
        for one in known
    )
    gap = nearest_gap(facts.performed, (step.start for step in other.steps))
    due = gap is None or abs(gap) <= SAME_DAY
    return alike or (due and compare_modalities(facts, other) is not Level.DIFFERENT)


def _in_a_row(one: str, other: str) -> bool:
    tails = [re.findall(r"\d+$", number) for number in (one, other)]
    if len(one) != len(other) or not all(tails):
        return False
    return abs(int(tails[0][0][-9:]) - int(tails[1][0][-9:])) <= IN_A_ROW


def modality(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.modality is Level.DIFFERENT:
        yield "another modality was ordered"


def region(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.region is Level.DIFFERENT:
        yield "another body part was ordered"


def side(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.side is Level.DIFFERENT:
        yield "the other side was ordered"


def cancelled(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if is_dead(evidence.order):
        yield f"the order is {evidence.order.status.lower()}"


def taken(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if around.is_taken(evidence.order):
        yield "the order already has images"


def time(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.gap is not None and abs(evidence.gap) > LONGEST_GAP:
        yield "more than seven days from the scheduled time"


def truncated(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if around.truncated:
        yield "too many orders share a key: the list was cut off"


def shared(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    own, order = around.person_of(evidence.order), evidence.order
    rivals = [other for other in around.numbered(order.accession_number) if _same_accession(order, other)]
    if any(around.person_of(other) != own or not own for other in rivals):
        yield "several patients' orders carry this accession number"


def _same_accession(one: Order, other: Order) -> bool:
    mine, theirs = fold(one.issuer_of_accession), fold(other.issuer_of_accession)
    return one.id != other.id and (not mine or not theirs or mine == theirs)


def foreign(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """The number that the images carry is another patient's order, whichever of the two is wrong.

    Two RIS may have dealt it out; then both identifiers of the images have to name the same patient, and a Study UID
    that an order was given has to be theirs.
    """
    own, facts = around.person_of(evidence.order), around.study.facts
    both = evidence.accession in SAME and evidence.identity.patient_id in SAME and evidence.identity.name_and_birth
    both = both and evidence.uid is not Level.DIFFERENT
    numbers = () if both else (facts.accession_number, *(item.accession_number for item in facts.requests))
    named = [other for number in numbers for other in around.numbered(number)]
    if any(around.person_of(other) != own and accession_level(facts, other) in SAME for other in named):
        yield "the accession number is that of another patient's order"


def foreign_request(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """A series says that it was requested by another patient's order (0040,0275): made on that one's worklist entry.

    The header may have been typed over since. Two RIS may have dealt out one number: then the patient has one, too.
    """
    own, facts = around.person_of(evidence.order), around.study.facts
    requested = {accession_key(item.accession_number) for item in facts.requests}
    named = [around.numbered(number) for number in requested - {accession_key(facts.accession_number)}]
    if any(several and not any(_is_own(one, evidence.order, own, around) for one in several) for several in named):
        yield "the request attributes name another patient's order"


def _is_own(one: Order, order: Order, own: int, around: Surroundings) -> bool:
    return one.id == order.id or (own != 0 and around.person_of(one) == own)


def foreign_uid(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """A Study Instance UID is dealt out once: a modality has it from the worklist entry that was picked.

    An order of which no UID was told is another than the one that is named, unless the images have its number and
    not that one's.
    """
    own, uid = around.person_of(evidence.order), around.study.facts.study_instance_uid
    named = [other for other in around.orders if uid and other.study_instance_uid == uid]
    if any(around.person_of(other) != own or not own for other in named if other.id != evidence.order.id):
        yield "the Study Instance UID is that of another patient's order"
    elif named and (evidence.uid is Level.DIFFERENT or _is_less_named(evidence, named, around.study.facts)):
        yield "the Study Instance UID is that of another order"


def _is_less_named(evidence: Evidence, named: Sequence[Order], facts: StudyFacts) -> bool:
    """Of this order no UID is known, and its number is not on the images, or is that of the one with the UID too."""
    numbered = evidence.accession in SAME
    both = any(accession_level(facts, other) in SAME for other in named)
    return evidence.uid is not Level.EQUAL and (both or not numbered)


def rival(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Two studies without a number, one order: which of them is it?"""
    if not evidence.order_key and any(_rivals(other.facts, evidence, around) for other in around.rivals):
        yield "another study of this patient without accession number fits as well"


def _rivals(facts: StudyFacts, evidence: Evidence, around: Surroundings) -> bool:
    if facts.study_instance_uid == around.study.facts.study_instance_uid or accession_key(facts.accession_number):
        return False
    gap = nearest_gap(facts.performed, (step.start for step in evidence.order.steps))
    near = gap is None or abs(gap) <= LONGEST_GAP
    return near and compare_modalities(facts, evidence.order) is not Level.DIFFERENT


def unplaced(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Images without a number lead to one of a patient's orders by what was done, when and where."""
    if evidence.order_key:
        return
    if evidence.modality not in SAME or evidence.gap is None:
        yield "the images do not say enough of what was done, and when"
