"""The index of persons, people's decisions on links, and what the site wants watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class OutsideRules:
    """What no order is expected for.

    `institutions_own` and `issuers_own`: where they are given, another institution or issuer is foreign; `ae_titles`:
    senders and stations whose studies are none of the site's; `patterns`: regular expressions for a name
    (`FAMILY^GIVEN`) or patient id of phantoms and tests; `import_days`: performed so long before it came, and known
    to no order, it was imported (0: never), unless it was made at one of `stations_own`, whose clock may be wrong.
    """

    institutions_own: tuple[str, ...] = ()
    issuers_own: tuple[str, ...] = ()
    ae_titles: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    import_days: int = 0
    stations_own: tuple[str, ...] = ()


@dataclass(frozen=True)
class Watch:
    """What may be judged: nothing before `watch_from` (the site's day); orders are heard since `orders_since`, UTC."""

    watch_from: date
    orders_since: datetime | None
    zone: str = "UTC"
    patient_id_issuer: str = ""
    accession_issuer: str = ""
    outside: OutsideRules = OutsideRules()
    issuers: Mapping[str, str] = field(default_factory=dict, hash=False)  # of patient ids, by folded station
