"""What says that two records are two people, or must not be put together now, however well they agree."""

from __future__ import annotations

from collections.abc import Iterator

from radrecon.model.duplicate import PersonRecord, Usage
from radrecon.model.patient import PatientId
from radrecon.recon.compare import SAME, Level
from radrecon.recon.newborns import is_unnamed, may_be_unnamed
from radrecon.recon.nobody import stands_for_nobody
from radrecon.recon.normalise import fold, id_key
from radrecon.recon.person_names import NameAgreement

SAME_FAMILY = (Level.EQUAL, Level.NEAR, Level.SOUND)
NUMBERS_LOOKED_AT = 20
NOT_COMPARED = NameAgreement()
ADMITTED = "both are admitted at the same time, in different visits"


def why_not_compared(one: PersonRecord, other: PersonRecord) -> str:
    """Why a pair is nobody's business; "" if it is. A confidential patient's alias never leads to the legal name."""
    if one.usage.confidential or other.usage.confidential:
        return "one of them is confidential"
    if one.person.merged_into or other.person.merged_into:
        return "one of them was merged away"
    if other.person.id in one.linked or one.person.id in other.linked:
        return "registration has linked them: they are known as two records of one patient"
    if one.person.quarantined or other.person.quarantined:
        return "one of them is a suspected overlay: that comes first"
    if stands_for_nobody(one.person.demographics.name) or stands_for_nobody(other.person.demographics.name):
        return "one of them has a temporary name, which is nobody's"
    return ""


def two_people(one: PersonRecord, other: PersonRecord, name: NameAgreement, birth: Level) -> Iterator[str]:
    """Twins and other siblings, parent and child: what is alike about them is no evidence of one person."""
    family = name.same or name.family in SAME_FAMILY
    if any(reason.level == str(Level.GENERATION) for reason in name.reasons):
        yield "same name of two generations (Jr, Sr)"
    if family and name.given is Level.DIFFERENT:
        same_day = birth in SAME
        yield (
            "twins: same birth date and family name, different given names"
            if same_day
            else ("same family name, different given names: relatives")
        )
    blocks = (one.person.demographics, other.person.demographics)
    if family and name.given is Level.MISSING and any(is_unnamed(block.name) for block in blocks):
        yield (
            "newborns: same birth date and family name, no given name yet"
            if birth in SAME
            else "same family name, no given name yet: relatives"
        )


def cautions(one: PersonRecord, other: PersonRecord, birth: Level, name: NameAgreement = NOT_COMPARED) -> Iterator[str]:
    """What a person must look into before two records are put together."""
    mine, theirs = one.person.demographics, other.person.demographics
    if any(reason.field == "middle_name" and reason.level == Level.DIFFERENT for reason in name.reasons):
        yield "further given names differ: twins may share the first one"
    if may_be_unnamed(mine.name) or may_be_unnamed(theirs.name):
        yield "a newborn's word in a name: a twin may be called the same"
    if mine.sex != theirs.sex and not {mine.sex, theirs.sex} & {"", "O"}:
        yield f"the sexes differ ({mine.sex} and {theirs.sex})"
    if birth in (Level.DIFFERENT, Level.NEAR, Level.SWAPPED):
        yield f"the birth dates differ ({mine.birth_date} and {theirs.birth_date})"
    if one.usage.admitted and other.usage.admitted and not set(one.usage.admitted) & set(other.usage.admitted):
        yield ADMITTED
    if (number := two_numbers(one, other)) and used_side_by_side(one.usage, other.usage):
        yield f"two active numbers of {number or 'one issuer'}, used by turns"


def two_numbers(one: PersonRecord, other: PersonRecord) -> str:
    """The authority of which each has another number in use."""
    for mine in one.in_use[:NUMBERS_LOOKED_AT]:
        for theirs in other.in_use[:NUMBERS_LOOKED_AT]:
            if _one_authority(mine, theirs) and id_key(mine.value) != id_key(theirs.value):
                return mine.issuer or theirs.issuer or "one issuer"
    return ""


def _one_authority(one: PatientId, other: PatientId) -> bool:
    return fold(one.issuer) == fold(other.issuer)


def used_side_by_side(one: Usage, other: Usage) -> bool:
    """Each was used after the other had been: nobody gave one number up for the other."""
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return False
    return one.last > other.first and other.last > one.first
