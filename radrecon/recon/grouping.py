"""Many of one kind at one place are one case: what failed there is the station, the feed or the interface.

The one case says how many there are and since when nothing has come; it names the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from radrecon.config import CasesConfig
from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.expectation import Expectation, Practice
from radrecon.model.person import Watch
from radrecon.recon import missing_update, order_without_registration, temporary_identity
from radrecon.recon.expectation import on_wall

GRAVE = 3
NAMED = 200  # of those that a case of many is about
OWNERS = {
    CaseKind.OVERDUE_ORDER: CaseOwner.US,
    CaseKind.REPORT_WITHOUT_IMAGES: CaseOwner.US,
    CaseKind.IMAGES_WITHOUT_REPORT: CaseOwner.RIS,
    CaseKind.ORDER_WITHOUT_REGISTRATION: CaseOwner.REGISTRATION,
    CaseKind.TEMPORARY_IDENTITY: CaseOwner.REGISTRATION,
    CaseKind.MISSING_UPDATE: CaseOwner.US,
}


def one_case(expectations: Sequence[Expectation], now: datetime, cases: CasesConfig) -> Finding:
    """The case of expectations that share one, in the order of their subjects' ids."""
    findings = [one.finding for one in sorted(expectations, key=lambda one: (len(one.subject), one.subject))]
    kind = findings[0].kind
    if kind is CaseKind.MISSING_UPDATE:
        return missing_update.together(findings)
    if kind is CaseKind.ORDER_WITHOUT_REGISTRATION:
        return order_without_registration.together(findings)
    if kind is CaseKind.TEMPORARY_IDENTITY:
        first = expectations[0]
        return replace(findings[0], severity=temporary_identity.severity(first.since, first.pace, now, cases))
    return findings[0]


def many(
    kind: CaseKind, place: str, count: int, first: Sequence[Expectation], practice: Practice | None, watch: Watch
) -> Finding:
    """The case of `count` cases at one place. `first`: the earliest, in order; `practice`: what is usual there."""
    since = min(one.since for one in first)
    last = practice.last_at if practice else None
    silent = last is not None and last < since
    return Finding(
        kind,
        many_subject(place),
        _cause(kind, place, count, on_wall(last, watch) if last else "", silent=silent),
        OWNERS[kind],
        GRAVE,
        evidence={"place": place, "since": on_wall(last if last and silent else since, watch)[:10]},
        study_ids=tuple(dict.fromkeys(one.finding.study_id for one in first if one.finding.study_id))[:NAMED],
        order_ids=tuple(dict.fromkeys(one.finding.order_id for one in first if one.finding.order_id))[:NAMED],
        total=count,
    )


def many_subject(place: str) -> str:
    return f"many:{place}"


def _cause(kind: CaseKind, place: str, count: int, last: str, *, silent: bool) -> str:
    """`place` is modality/station, modality/sender, authority, what/authority or PACS/sender, by kind."""
    head, _, rest = place.partition("/")
    if kind is CaseKind.OVERDUE_ORDER:
        where = rest or f"{head or 'its'} stations"
        text = f"no images from {where} since {last}" if silent else f"images of {where} last came {last}"
        return f"{text}: {count} orders overdue"
    if kind is CaseKind.IMAGES_WITHOUT_REPORT:
        of = f"{head} exams{f' of {rest}' if rest else ''}"
        text = f"no report of {of} since {last}" if silent else f"reports of {of} last came {last}"
        return f"{text}: {count} studies without one"
    if kind is CaseKind.REPORT_WITHOUT_IMAGES:
        text = f"no {head} images since {last}" if silent else f"{head} images last came {last}"
        return f"{text}: {count} final reports without any"
    if kind is CaseKind.ORDER_WITHOUT_REGISTRATION:
        return f"orders of {count} patients of {place or 'no stated authority'} whom no ADT has named"
    if kind is CaseKind.TEMPORARY_IDENTITY:
        word = {"alias": "names that stand for nobody", "newborn": "newborns without a name"}.get(
            head, "temporary numbers"
        )
        return f"{count} {word}{f' of {rest}' if rest else ''}, and nobody has said who they are"
    return f"updates{f' from {rest}' if rest else ''} do not reach {head}: {count} of them are missing"
