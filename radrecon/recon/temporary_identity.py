"""Temporary identity: somebody was imaged or ordered for under a made-up name or number, and is still nobody.

A trauma alias, a number of a temporary kind (by its pattern, its authority or its type, CX-5), a newborn without a
name. It weighs more as time goes by, and ends with the A40, A47 or A08 that says who it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta

from radrecon.config import CasesConfig
from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.expectation import ROUTINE, URGENT, Expectation
from radrecon.model.patient import PatientId
from radrecon.model.person import Person, Watch
from radrecon.recon.newborns import is_newborn
from radrecon.recon.nobody import is_alias
from radrecon.recon.normalise import birth_date_key, fold
from radrecon.recon.times import local_day

NEWBORN_DAYS = 28
ALIAS, NUMBER, BABY = "alias", "number", "newborn"
WORDS = {
    ALIAS: "a name that stands for nobody",
    NUMBER: "a temporary patient number",
    BABY: "a newborn's name",
}
MINOR, GRAVE = 1, 3


def what_is_temporary(person: Person, types: Collection[str], since: datetime, cases: CasesConfig, watch: Watch) -> str:
    """Alias, number or newborn; "" where nothing is.

    `types`: those of the person's own number, as it was sent; `since`: when their first order or study came.
    """
    if person.merged_into:
        return ""
    if is_alias(person.demographics):
        return ALIAS
    if _is_temporary(person.demographics.patient_id, types, cases):
        return NUMBER
    return BABY if _is_newborn(person, since, watch) else ""


def may_be(person: Person, types: Collection[str], cases: CasesConfig) -> bool:
    """Whether it is worth asking what they have had done."""
    found = person.demographics
    return is_alias(found) or _is_temporary(found.patient_id, types, cases) or is_newborn(found)


def _is_temporary(number: PatientId, types: Collection[str], cases: CasesConfig) -> bool:
    known = {fold(one) for one in cases.temporary_issuers}
    return (
        any(re.fullmatch(one, number.value) for one in cases.temporary_ids)
        or bool(number.issuer and fold(number.issuer) in known)
        or bool({one.upper() for one in types} & {one.upper() for one in cases.temporary_id_types})
    )


def _is_newborn(person: Person, since: datetime, watch: Watch) -> bool:
    """A newborn's word in the name, and born within the four weeks before the first exam."""
    if not is_newborn(person.demographics):
        return False
    try:
        born = date.fromisoformat(birth_date_key(person.demographics.birth_date))
    except ValueError:
        return False
    return timedelta(0) <= local_day(since, watch) - born <= timedelta(days=NEWBORN_DAYS)


def expect(
    person: Person,
    types: Collection[str],
    since: datetime | None,
    cases: CasesConfig,
    watch: Watch,
    *,
    orders: int,
    studies: int,
) -> Expectation | None:
    """Who it is. `since`: when the first of their orders or studies came; None without any."""
    what = what_is_temporary(person, types, since, cases, watch) if since else ""
    if since is None or not what or local_day(since, watch) < watch.watch_from:
        return None
    number = person.demographics.patient_id
    counted = [_count(orders, "order", "orders"), _count(studies, "study", "studies")]
    finding = Finding(
        CaseKind.TEMPORARY_IDENTITY,
        f"person:{person.id}",
        f"{WORDS[what]} with {' and '.join(filter(None, counted))}, and nobody has said who it is",
        CaseOwner.REGISTRATION,
        MINOR,
        person_id=person.id,
        evidence={"what": what, "patient_id": str(number), "patient_name": str(person.demographics.name)},
    )
    return Expectation(
        finding, f"person:{person.id}", since, f"{what}/{number.issuer}", URGENT if what == BABY else ROUTINE
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def severity(since: datetime, pace: int, now: datetime, cases: CasesConfig) -> int:
    """Minor, then plain, then grave; a newborn's name stays minor."""
    passed = sum(now - since >= timedelta(hours=hours) for hours in cases.temporary_identity_hours)
    return MINOR if pace == URGENT else max(MINOR, min(passed, GRAVE))


def why_gone(person: Person | None) -> str:
    if person is None or person.merged_into:
        return "merged into the patient that it is"
    return "registration has said who it is"
