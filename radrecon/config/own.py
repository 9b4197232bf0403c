"""Settings of the engine and of the site."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_network
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from radrecon.config.base import AETitle, Section, known_zone


class EngineConfig(Section):
    host: str = Field("127.0.0.1", description="address that the listeners bind to")
    mllp_port: int = Field(2575, ge=0, le=65535, description="HL7 listener; 0 = any free one")
    dicom_port: int = Field(11112, ge=0, le=65535, description="worklist server; 0 = any free one")
    ae_title: AETitle = Field("RADRECON", description="own AE title")
    max_frame_bytes: int = Field(16 << 20, ge=1024, description="largest HL7 message taken")
    keep_originals_days: int = Field(7, ge=0, description="files as they were before a correction, kept this long")
    keep_messages_days: int = Field(
        0, ge=0, description="settled messages go from the journal after so many days; 0 = they are kept for ever"
    )
    keep_records_days: int = Field(
        180,
        ge=0,
        description="records of worklist queries and bytes of ended performed steps, kept so long; 0 = for ever",
    )
    keep_stored_days: int = Field(
        90,
        ge=0,
        description="what Storage brought (instances, headers, thumbnails), so long after the last image came; a study"
        " that no PACS lists, or that has an open case, keeps it; 0 = for ever",
    )
    retrieve_port: int = Field(0, ge=0, le=65535, description="where a PACS sends what we C-MOVE; 0 = C-GET only")
    max_associations: int = Field(64, ge=1, description="DICOM associations in all")
    max_associations_per_peer: int = Field(16, ge=1, description="DICOM associations of one address")
    acse_seconds: float = Field(30, gt=0, description="a DICOM peer must have asked for its association by then")
    idle_seconds: float = Field(600, gt=0, description="an association on which so long nothing is said is ended")
    max_pdu_bytes: int = Field(1 << 20, ge=16 << 10, description="longest P-DATA-TF PDU taken, whatever was negotiated")
    allow_ae_titles: list[str] = Field(default_factory=list, description="who may associate; empty = everybody")
    allow_addresses: list[str] = Field(
        default_factory=list, description="addresses or networks (CIDR) that may connect by DICOM; empty = all"
    )
    unknown_ae: Literal["reject", "echo"] = Field(
        "reject", description='an AE title that allow_ae_titles lacks: rejected, or answered a C-ECHO ("echo")'
    )
    storage: Literal["off", "known", "any"] = Field(
        "known", description="who may send images: nobody, the AE titles of [[pacs]] and [[modality]], everybody"
    )
    storage_private: bool = Field(True, description="images of private and unknown SOP classes are taken, too")
    storage_max_bytes: int = Field(1 << 30, ge=1 << 20, description="largest instance that is taken")
    storage_quiet_seconds: float = Field(
        120, ge=0, description="a study that only storage knows is complete after this long without an instance"
    )
    recheck_processes: int | None = Field(
        None,
        ge=0,
        le=8,
        description="that help the worker to look at everything again; default: a processor each but two, 0 = none",
    )
    spool_bytes: int = Field(1 << 30, ge=0, description="disk for images that wait for their thumbnail; 0 = none made")

    @model_validator(mode="after")
    def _ports(self) -> Self:
        for port in filter(None, (self.mllp_port, self.dicom_port, self.retrieve_port)):
            if (self.mllp_port, self.dicom_port, self.retrieve_port).count(port) > 1:
                raise ValueError(f"two listeners cannot share port {port}")
        return self

    @field_validator("allow_addresses")
    @classmethod
    def _are_networks(cls, value: list[str]) -> list[str]:
        for one in value:
            try:
                ip_network(one, strict=False)
            except ValueError as error:
                raise ValueError(f"{one!r} is no address and no network: write 10.1.2.0/24") from error
        return value


class SiteConfig(Section):
    name: str = Field("", description="shown in the window's title and in reports")
    time_zone: str = Field("", description="IANA name; empty = this machine's")
    watch_from: date | None = Field(None, description="nothing before this date is judged; default: the first start")
    patient_id_issuer: str = Field("", description="assigning authority of identifiers that name none")
    accession_issuer: str = Field("", description="issuer of accession numbers that name none")
    never_accessioned_minutes: int = Field(
        30, ge=0, description="an order without an accession number is a case after this long; 0 = never"
    )

    mpps_idle_minutes: int = Field(
        60,
        ge=0,
        le=43200,
        description="a performed step that no modality ends is done this long after its last image or message",
    )
    decision_days: int = Field(
        14, ge=0, le=3650, description="late images follow what a person has decided for this long; 0 = never"
    )

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        return known_zone(value)
