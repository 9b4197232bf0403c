"""The index of persons, people's decisions on links, and what the site wants watched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from radrecon.model.patient import Demographics, PatientId


@dataclass(frozen=True)
class Person:
    """One person as the owner of identity last described them, with every identifier that leads to them.

    `updated_at`: when an update (A08, A31, A40 …) last changed the identity, UTC; None while only registered.
    `quarantined`: a suspected overlay is not settled; `before_overlay` is the identity from before it.
    `registered`: an ADT has named them; else they are known from orders, reports or appointments alone.
    """

    id: int
    demographics: Demographics
    identifiers: tuple[PatientId, ...] = ()
    quarantined: bool = False
    before_overlay: Demographics | None = None
    updated_at: datetime | None = None
    merged_into: int = 0
    version: int = 0
    registered: bool = True


class LinkState(StrEnum):
    """`auto` is our association only; `pending` was approved and is under way; `confirmed` the PACS has shown it."""

    AUTO = "auto"
    PENDING = "pending"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Link:
    """A study belongs to an order: by rule (`auto`) or by a person's decision."""

    study_id: int
    order_id: int
    state: LinkState
    correction_id: int = 0


@dataclass(frozen=True)
class Watch:
    """What may be judged: nothing before `watch_from` (the site's day); orders are heard since `orders_since`, UTC."""

    watch_from: date
    orders_since: datetime | None
    zone: str = "UTC"
    patient_id_issuer: str = ""
    accession_issuer: str = ""
