"""Accession numbers, orders and persons as they are looked at by themselves; studies are looked at in `reconcile`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from radrecon.config import Config
from radrecon.model.case import CaseKind, CaseState, Finding
from radrecon.model.person import Watch
from radrecon.recon.collision import classify_accession
from radrecon.recon.overlay import classify_person
from radrecon.store import cases, corrections, notices, orders, persons, studies
from radrecon.store.database import Connection, Store
from radrecon.workflow import announcing, overdue
from radrecon.workflow.neighbourhood import as_named

PERSON_KINDS = (CaseKind.SUSPECTED_OVERLAY, CaseKind.DELETION_ANNOUNCED, CaseKind.RETIRED_IDENTIFIER)


def examine_accession(store: Store, accession: str, watch: Watch, now: datetime) -> tuple[Finding, ...]:
    """Whether one accession number (per issuer) is on two patients."""
    default = watch.accession_issuer
    with store.reading() as conn:
        found = orders.by_accession(conn, accession)
        held = studies.by_accession(conn, accession)
        people = persons.load_many(conn, {one.person_id for one in found} | {one.person_id for one in held})
    issuers = {one.issuer_of_accession or default for one in found}
    issuers |= {one.facts.issuer_of_accession or default for one in held}
    findings: tuple[Finding, ...] = ()
    for issuer in sorted(issuers | {default}):
        of_issuer = [as_named(one, people) for one in found if (one.issuer_of_accession or default) == issuer]
        with_issuer = [one for one in held if (one.facts.issuer_of_accession or default) == issuer]
        now_found = classify_accession(accession, issuer, of_issuer, with_issuer, people, watch)
        _settle(store, f"accession:{issuer}/{accession}", [CaseKind.ACCESSION_COLLISION], now_found, now)
        findings += now_found
    return findings


def examine_order(store: Store, order_id: int, watch: Watch, config: Config, now: datetime) -> tuple[Finding, ...]:
    """Whether an order should have its accession number by now."""
    with store.reading() as conn:
        found, again = overdue.judge(conn, order_id, watch, config, now)
    _settle(store, f"order:{order_id}", [CaseKind.NEVER_ACCESSIONED], found, now)
    if again:
        with store.transaction() as conn:
            overdue.look_again(conn, order_id, again)
    return found


def examine_person(store: Store, person_id: int, now: datetime) -> tuple[Finding, ...]:
    """Whether a person is a suspected overlay, and what messages said that only registration can settle."""
    with store.reading() as conn:
        person = persons.load_one(conn, person_id)
        told = announcing.judge(conn, person) if person else announcing.Told()
    found = (*classify_person(person), *told.findings) if person else ()
    if told.settled:
        with store.transaction() as conn:
            notices.settle(conn, told.settled, now)
    _settle(store, f"person:{person_id}", PERSON_KINDS, found, now)
    return found


def _settle(store: Store, subject: str, kinds: Sequence[CaseKind], findings: Sequence[Finding], now: datetime) -> None:
    """Write only where something changes."""
    with store.reading() as conn:
        live = cases.live_of(conn, subject, kinds)
    if live or findings:
        with store.transaction() as conn:
            cases.settle(conn, subject, kinds, findings, now)
            open_unsolved(conn, subject, kinds, now)


def open_unsolved(conn: Connection, subject: str, kinds: Sequence[CaseKind], now: datetime) -> None:
    """A correction has ended and what was found still holds: the case waits for a person again."""
    for case in cases.live_of(conn, subject, kinds).values():
        if case.state is CaseState.CORRECTING and not _under_way(conn, case):
            cases.set_state(conn, case.id, CaseState.OPEN, now)


def _under_way(conn: Connection, case: cases.StoredCase) -> bool:
    return bool(case.correction_id) and corrections.load_correction(conn, case.correction_id).state == "under way"
