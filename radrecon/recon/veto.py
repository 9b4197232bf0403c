"""What forbids linking by itself, whatever the score (each in words, for the person who decides instead)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from radrecon.recon import veto_identity as whose
from radrecon.recon import veto_namesake as whoever
from radrecon.recon import veto_order as what
from radrecon.recon.evidence import DEAD as DEAD
from radrecon.recon.evidence import Evidence
from radrecon.recon.surroundings import Surroundings as Surroundings


class VetoKind(StrEnum):
    ID = "patient_id"
    NAME = "patient_name"
    BIRTH_DATE = "patient_birth_date"
    SEX = "patient_sex"
    ACCESSION = "accession_number"
    MODALITY = "modality"
    SIDE = "laterality"
    CANCELLED = "cancelled"
    TAKEN = "taken"
    QUARANTINED = "quarantined"
    CHIMERA = "identity_conflict"
    TIME = "time"
    TRUNCATED = "truncated"
    NAMESAKE = "namesake"
    SHARED = "shared"
    WRONG_ENTRY = "wrong_worklist_entry"
    LOOKALIKE = "lookalike"
    REGION = "body_part"
    ALIAS = "alias"
    IDENTIFIER = "identifier"
    PERSON = "person"
    ORDER = "order"
    RIVAL = "rival"


# These say that one record of the right patient is out of date or mistyped, not that the order is another one.
IDENTITY_DETAILS = frozenset((VetoKind.NAME, VetoKind.BIRTH_DATE, VetoKind.SEX, VetoKind.LOOKALIKE))


@dataclass(frozen=True)
class Veto:
    kind: VetoKind
    text: str


def vetoes(evidence: Evidence, around: Surroundings) -> tuple[Veto, ...]:
    """Every veto on one candidate, the gravest first."""
    return tuple(Veto(kind, text) for kind, find in RULES for text in find(evidence, around))


RULES: tuple[tuple[VetoKind, Callable[[Evidence, Surroundings], Iterator[str]]], ...] = (
    (VetoKind.WRONG_ENTRY, what.wrong_entry),
    (VetoKind.ID, whose.id_conflict),
    (VetoKind.SHARED, what.shared),
    (VetoKind.SHARED, what.foreign),
    (VetoKind.SHARED, what.foreign_uid),
    (VetoKind.SHARED, what.foreign_request),
    (VetoKind.BIRTH_DATE, whose.birth_date),
    (VetoKind.SEX, whose.sex),
    (VetoKind.NAME, whose.name),
    (VetoKind.LOOKALIKE, whose.lookalike),
    (VetoKind.QUARANTINED, whose.quarantined),
    (VetoKind.CHIMERA, whose.chimera),
    (VetoKind.CHIMERA, whose.renamed),
    (VetoKind.ALIAS, whose.alias),
    (VetoKind.NAMESAKE, whoever.namesake),
    (VetoKind.CANCELLED, what.cancelled),
    (VetoKind.TAKEN, what.taken),
    (VetoKind.MODALITY, what.modality),
    (VetoKind.REGION, what.region),
    (VetoKind.SIDE, what.side),
    (VetoKind.TIME, what.time),
    (VetoKind.ACCESSION, what.accession),
    (VetoKind.IDENTIFIER, whose.identifier),
    (VetoKind.ORDER, what.unplaced),
    (VetoKind.RIVAL, what.rival),
    (VetoKind.TRUNCATED, what.truncated),
)

# two facts that cannot both be true of this order: no number can say how likely that is
HARD = frozenset(
    (
        VetoKind.WRONG_ENTRY,
        VetoKind.ID,
        VetoKind.SHARED,
        VetoKind.SEX,
        VetoKind.QUARANTINED,
        VetoKind.CHIMERA,
        VetoKind.CANCELLED,
        VetoKind.TAKEN,
        VetoKind.MODALITY,
        VetoKind.SIDE,
        VetoKind.LOOKALIKE,
    )
)


def conflict_of(found: Sequence[Veto]) -> str:
    """The gravest hard conflict in words, which is shown in a probability's place; "" where there is none."""
    return next((veto.text for veto in found if veto.kind in HARD), "")
