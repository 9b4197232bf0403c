"""A first number that is new beside further ones that are known: an enterprise's, a new system's, or a relative's."""

from __future__ import annotations

from collections.abc import Collection

from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.recon.compare import SAME, Level, compare_birth_dates, compare_names, compare_sexes
from radrecon.recon.newborns import is_newborn
from radrecon.recon.nobody import is_alias
from radrecon.recon.normalise import id_key

NAMES = SAME | {Level.GIVEN}  # a family name changes; twins have one, and differ in the given name


def why_another(known: Person, said: Demographics, issuers: Collection[str]) -> str:
    """Why `said` is another person although a further number of theirs is this one's; "" where it is this one.

    `issuers`: those of the numbers that the known one has in use. Relatives and twins share numbers as well, so that
    what is missing agrees with nothing.
    """
    if not said.patient_id.issuer:
        return "the new number names no authority"
    if known.quarantined:
        return "that one is under suspicion (overlay)"
    if said.patient_id.issuer in issuers:
        return "that one has another number of the same issuer"
    mine = known.demographics
    if any(is_newborn(one) or is_alias(one) for one in (mine, said)):
        return "the name stands for nobody yet"
    return "" if _agree(mine, said) else "name, birth date or sex do not agree"


def why_not_along(
    holder: Person, in_use: Collection[PatientId], survivor: Demographics, named: Collection[PatientId]
) -> str:
    """Why who has a further number of a patient that is merged away (MRG-1) is not merged with them; "" where they are.

    `in_use`: the holder's numbers; `named`: all that MRG-1 names. Relatives share a number, and each has their own.
    """
    authorities = {one.issuer for one in named}
    others = [one for one in in_use if one.issuer in authorities and not any(_is_one(one, each) for each in named)]
    if others:
        return f"who goes by {others[0]}"
    return "whose name, birth date or sex differs" if _contradict(holder.demographics, survivor) else ""


def is_relatives(first: Demographics, other: Person, said: Demographics) -> bool:
    """Whether the first number is a relative's: whose it is contradicts what is said, and `other` agrees with it."""
    return _contradict(first, said) and not other.quarantined and _agree(other.demographics, said)


def _is_one(one: PatientId, other: PatientId) -> bool:
    return id_key(one.value) == id_key(other.value) and one.issuer in (other.issuer, "")


def _contradict(known: Demographics, said: Demographics) -> bool:
    if is_alias(known):
        return False
    return (
        compare_names(known.name, said.name) in (Level.DIFFERENT, Level.FAMILY, Level.GENERATION)
        or compare_birth_dates(known.birth_date, said.birth_date) is Level.DIFFERENT
        or compare_sexes(known.sex, said.sex) is Level.DIFFERENT
    )


def _agree(known: Demographics, said: Demographics) -> bool:
    return (
        compare_names(known.name, said.name) in NAMES
        and compare_birth_dates(known.birth_date, said.birth_date) is Level.EQUAL
        and compare_sexes(known.sex, said.sex) is not Level.DIFFERENT
    )
