"""Suspected overlay: somebody typed a new person over an old patient id.

Two of family name, birth date and sex changed by more than a slip. Newborn naming, marriage (the family name alone)
and a temporary alias that gets its real name are exempt. The person is then left alone until registration has said
which it is.
"""

from __future__ import annotations

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics
from radrecon.model.person import Person
from radrecon.recon.compare import Level, compare_birth_dates, compare_names, compare_sexes, differences
from radrecon.recon.newborns import is_newborn
from radrecon.recon.nobody import birth_date_of, is_alias
from radrecon.recon.normalise import fold

FAMILY_KEPT = frozenset((Level.NEAR, Level.SWAPPED, Level.SOUND, Level.PART, Level.EQUAL, Level.FORMAT, Level.MISSING))


def suspected_overlay(old: Demographics, new: Demographics) -> tuple[str, ...]:
    """The changed fields that make a new person likely, in words; empty where nothing does."""
    if old.birth_date == new.birth_date and old.sex == new.sex:
        return ()  # at most the name has changed: nearly every message ends here
    changed = tuple(
        text
        for text, has_changed in (
            ("family name", _family_changed(old.name, new.name)),
            ("birth date", _birth_date_changed(old.birth_date, new.birth_date)),
            ("sex", compare_sexes(old.sex, new.sex) is Level.DIFFERENT),
        )
        if has_changed
    )
    return changed if len(changed) > 1 and not (is_alias(old) or _newborn_named(old, new)) else ()


def names_another(known: Demographics, said: Demographics) -> bool:
    """Whether what was ordered under a number is for somebody else than its owner: a sister, or a number typed wrongly.

    As above, and another given name with another birth date: siblings share the family name. A name alone may have been
    changed since, or before: whichever comes first, it ends the same.
    """
    if suspected_overlay(known, said):
        return True
    sibling = compare_names(known.name, said.name) is Level.FAMILY
    sibling = sibling and _birth_date_changed(known.birth_date, said.birth_date)
    return sibling and not (is_alias(known) or is_alias(said) or is_newborn(known) or is_newborn(said))


def _family_changed(old: PersonName, new: PersonName) -> bool:
    mine, theirs = _family(old), _family(new)
    if not mine or not theirs or mine == theirs:
        return False
    if compare_names(old, new) in FAMILY_KEPT:
        return False
    alone = compare_names(PersonName.parse(mine), PersonName.parse(theirs))
    return alone not in FAMILY_KEPT and mine not in theirs.split() and theirs not in mine.split()


def _family(name: PersonName) -> str:
    return fold((name.alphabetic or name.ideographic or name.phonetic).family)


def _birth_date_changed(old: str, new: str) -> bool:
    """One that stood for none and is told at last is no other one."""
    apart = compare_birth_dates(old, new) in (Level.DIFFERENT, Level.NEAR, Level.SWAPPED)
    return apart and bool(birth_date_of(old))


def _newborn_named(old: Demographics, new: Demographics) -> bool:
    return is_newborn(old) and not _birth_date_changed(old.birth_date, new.birth_date)


def classify_person(person: Person) -> tuple[Finding, ...]:
    """The case of a quarantined person; registration says who it is."""
    if not person.quarantined or person.merged_into:
        return ()
    old = person.before_overlay or person.demographics
    fields = suspected_overlay(old, person.demographics)
    words = " and ".join((", ".join(fields[:-1]), fields[-1])) if fields else "the identity"
    block = differences(person.demographics, old)
    return (
        Finding(
            CaseKind.SUSPECTED_OVERLAY,
            f"person:{person.id}",
            f"{words} changed at once: a new person over an old patient id?",
            CaseOwner.REGISTRATION,
            3,
            person_id=person.id,
            differences=block,
            evidence={"fields": [[each.field, each.truth, each.found] for each in block]},
        ),
    )
