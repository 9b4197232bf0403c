"""The configuration that a demo's engine gets, and its TOML text."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from radrecon.config import (
    Config,
    EngineConfig,
    HL7DestinationConfig,
    HL7SenderConfig,
    ModalityConfig,
    PacsConfig,
    SenderMatch,
    SiteConfig,
)
from radrecon.sim.catalogue import STATIONS
from radrecon.sim.people import ISSUER
from radrecon.sim.ris_messages import APPLICATION, FACILITY

AE_TITLE = "RADRECON"


def configuration(pacs: PacsConfig, archive_adt: tuple[str, int], vault: tuple[str, int], zone: str) -> Config:
    """Everything on: any free ports, a quick study feed, one destination that the PACS proves and one without proof."""
    return Config(
        engine=EngineConfig(mllp_port=0, dicom_port=0, ae_title=AE_TITLE),
        site=SiteConfig(
            name="Simulated Hospital", time_zone=zone, patient_id_issuer=ISSUER, accession_issuer=APPLICATION
        ),
        pacs=[pacs],
        hl7_destination=[
            _destination("archive-adt", archive_adt, "order filler", pacs.name),
            _destination("vault-adt", vault, "order filler", ""),
        ],
        hl7_sender=[
            HL7SenderConfig(
                match=SenderMatch(sending_application=APPLICATION, sending_facility=FACILITY),
                owner_of=["identity", "accession"],
            )
        ],
        modality=[
            ModalityConfig(ae_title=s.ae_title, locations=[s.location], station_names=[s.name], modalities=[s.modality])
            for s in STATIONS
        ],
    )


def quick(pacs: PacsConfig) -> PacsConfig:
    """The PACS as a demo polls it: at once, and complete after a few quiet seconds."""
    return pacs.model_copy(update={"poll_seconds": 1.0, "stable_seconds": 4.0, "send": True})


def _destination(name: str, address: tuple[str, int], role: str, proof: str) -> HL7DestinationConfig:
    host, port = address
    return HL7DestinationConfig(
        name=name, host=host, port=port, role=role, messages=["ADT"], proof=proof, resend="safe", ack_seconds=10
    )


def toml(config: Config) -> str:
    """The configuration as a file; defaults are left out."""
    values = config.model_dump(exclude_defaults=True, exclude_none=True)
    scalars = [f"{key} = {_value(value)}" for key, value in values.items() if not isinstance(value, dict | list)]
    blocks = ["\n".join(scalars)] if scalars else []
    for key, value in values.items():
        if isinstance(value, dict):
            blocks.append(_table(f"[{key}]", value))
        elif isinstance(value, list):
            blocks.extend(_table(f"[[{key}]]", item) for item in value)
    return "\n\n".join(blocks) + "\n"


def _table(head: str, values: dict[str, Any]) -> str:
    return "\n".join((head, *(f"{key} = {_value(value)}" for key, value in values.items())))


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value)
