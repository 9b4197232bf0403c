"""Which of two records should survive a merge: a proposal with its reason; registration decides."""

from __future__ import annotations

from radrecon.model.duplicate import PersonRecord
from radrecon.recon.newborns import is_unnamed
from radrecon.recon.normalise import birth_date_key, fold


def propose(one: PersonRecord, other: PersonRecord, issuer: str = "") -> tuple[int, int, str]:
    """Survivor's id, non-survivor's id, why. `issuer` is the site's own assigning authority."""
    first, second = sorted((one, other), key=lambda record: record.person.id)
    for score, words in _RULES:
        mine, theirs = score(first, issuer), score(second, issuer)
        if mine != theirs:
            kept, gone = (first, second) if mine > theirs else (second, first)
            return kept.person.id, gone.person.id, words
    return first.person.id, second.person.id, "it was known first; nothing else tells them apart"


def _named(record: PersonRecord, _: str) -> int:
    return 0 if is_unnamed(record.person.demographics.name) else 1


def _own_number(record: PersonRecord, issuer: str) -> int:
    numbers = record.in_use or (record.person.demographics.patient_id,)
    return int(bool(issuer) and any(fold(one.issuer) == fold(issuer) for one in numbers))


def _use(record: PersonRecord, _: str) -> int:
    return record.usage.orders + record.usage.studies


def _complete(record: PersonRecord, _: str) -> int:
    known, beside = record.person.demographics, record.particulars
    facts = (known.name.family, known.name.given, birth_date_key(known.birth_date), known.sex, beside.national_id)
    return sum(map(bool, facts))


_RULES = (
    (_named, "the other has no given name yet"),
    (_own_number, "it has a number of the site's own issuer"),
    (_use, "more orders and studies are under it"),
    (_complete, "its identity is more complete"),
)
