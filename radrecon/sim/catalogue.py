"""What the hospital's radiology performs, and where: procedures and stations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Station:
    """One machine: its AE title is what a worklist query and a C-STORE call themselves."""

    ae_title: str
    name: str
    modality: str
    location: str
    model: str


@dataclass(frozen=True)
class Procedure:
    """One orderable exam. `series`: description and number of instances of each; `sex`: only theirs, where set."""

    code: str
    description: str
    modality: str
    body_part: str
    series: tuple[tuple[str, int], ...]
    laterality: str = ""
    sex: str = ""


STATIONS = (
    Station("CT1", "CT-EMERGENCY", "CT", "ED", "Axial 64"),
    Station("CT2", "CT-MAIN", "CT", "RAD", "Axial 128"),
    Station("MR1", "MR-MAIN", "MR", "RAD", "Tesla 3"),
    Station("CR1", "CR-WARD", "CR", "WARD", "Plate 5"),
    Station("DX1", "DX-BUCKY", "DX", "RAD", "Bucky 2"),
    Station("US1", "US-GYN", "US", "GYN", "Echo 9"),
)

PROCEDURES = (
    Procedure("CTHEAD", "CT Head without contrast", "CT", "HEAD", (("Scout", 1), ("Head 5 mm", 6))),
    Procedure("CTCHEST", "CT Chest with contrast", "CT", "CHEST", (("Scout", 1), ("Lung", 5), ("Mediastinum", 5))),
    Procedure("CTABD", "CT Abdomen and pelvis", "CT", "ABDOMEN", (("Scout", 1), ("Portal venous", 6))),
    Procedure("MRBRAIN", "MR Brain", "MR", "BRAIN", (("T1 sag", 3), ("T2 ax", 4), ("DWI", 4))),
    Procedure("MRKNEEL", "MR Knee left", "MR", "KNEE", (("PD fs cor", 4), ("T2 sag", 4)), "L"),
    Procedure("CRCHEST", "Chest portable", "CR", "CHEST", (("AP", 1),)),
    Procedure("DXCHEST2", "Chest PA and lateral", "DX", "CHEST", (("PA", 1), ("Lateral", 1))),
    Procedure("DXHANDR", "Hand right two views", "DX", "HAND", (("PA", 1), ("Oblique", 1)), "R"),
    Procedure("USABD", "US Abdomen", "US", "ABDOMEN", (("Liver", 4), ("Kidneys", 3))),
    Procedure("USPELV", "US Pelvis transabdominal", "US", "PELVIS", (("Uterus", 4),), sex="F"),
)


def stations_for(procedure: Procedure) -> tuple[Station, ...]:
    return tuple(station for station in STATIONS if station.modality == procedure.modality)


def procedures_for(sex: str) -> tuple[Procedure, ...]:
    return tuple(procedure for procedure in PROCEDURES if procedure.sex in {"", sex})
