"""Corrections where an alias may have been given out again: whose images they are is for who looks at them to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from radrecon.model.person import Watch
from radrecon.model.study import Study
from radrecon.recon.plan import Planned
from radrecon.recon.reused import doubt, may_be_the_next
from radrecon.store import identifiers
from radrecon.store.database import Connection


def of_the_same(conn: Connection, found: Iterable[Study], own_id: int, watch: Watch) -> list[Study]:
    """Without those that may be of the next patient under an alias; the case's own is before whoever corrects it."""
    return [one for one in found if one.id == own_id or not _may_be_the_next(conn, one, watch)]


def with_doubt(conn: Connection, planned: Planned, study: Study, watch: Watch) -> Planned:
    """The plan, which says first what has to be made sure of."""
    made, needs = planned
    if not _may_be_the_next(conn, study, watch):
        return planned
    return replace(made, warnings=(doubt(study, made.target), *made.warnings)), needs


def _may_be_the_next(conn: Connection, study: Study, watch: Watch) -> bool:
    number = study.facts.patient.patient_id
    held = identifiers.held(conn, number) if number else None
    return may_be_the_next(study, held.retired_at if held and held.retired else None, watch)
