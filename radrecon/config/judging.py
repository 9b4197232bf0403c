"""Settings of what is judged: what no order is expected for, and when what should have come is a case."""

from __future__ import annotations

from pydantic import Field, field_validator

from radrecon.config.base import Section, expression


class OutsideConfig(Section):
    """What no order is expected for: it is shown as outside, and is no orphan."""

    institutions_own: list[str] = Field(
        default_factory=list, description="names of the site in (0008,0080); where given, any other is foreign"
    )
    issuers_own: list[str] = Field(
        default_factory=list,
        description="issuers of patient ids and accessions; where given, others are foreign",
    )
    ae_titles: list[str] = Field(
        default_factory=list,
        description="senders and stations whose studies have no order: research, teleradiology",
    )
    patterns: list[str] = Field(
        default_factory=list,
        description="regular expressions for the whole name (FAMILY^GIVEN) or patient id of phantoms and tests,"
        " beside those that are known",
    )
    import_days: int = Field(
        30, ge=0, description="made so long before it came and known to no order, a study was imported; 0 = never"
    )

    @field_validator("patterns")
    @classmethod
    def _are_patterns(cls, value: list[str]) -> list[str]:
        return [expression(one) for one in value]


class CasesConfig(Section):
    """When what should have come is a case. 0 (or none) switches a kind off."""

    missing_update_minutes: int = Field(
        15,
        ge=0,
        description="how long a PACS may take to show an update of a patient (A08, A31, A40, A47); 0 = for ever",
    )
    temporary_identity_hours: list[int] = Field(
        [4, 24, 72],
        max_length=3,
        description="a temporary identity with orders or images is a case after the first; it weighs more after the"
        " others; empty = never. A newborn's name is a case after the last only",
    )
    temporary_ids: list[str] = Field(
        default_factory=list, description="regular expressions that whole temporary patient numbers fit: T\\d{4}"
    )
    temporary_issuers: list[str] = Field(
        default_factory=list, description="assigning authorities all of whose patient numbers are temporary"
    )
    temporary_id_types: list[str] = Field(
        ["TMP", "MRT", "PNT"], description="identifier types (CX-5) of temporary patient numbers, HL7 table 0203"
    )
    order_without_registration_minutes: int = Field(
        60, ge=0, description="how long an order may be of a patient whom no ADT has named; 0 = for ever"
    )
    images_without_report_hours: int = Field(
        48, ge=0, description="how long complete images may be without any report; 0 = for ever"
    )
    images_without_report_stat_hours: int = Field(4, ge=0, description="the same where the order is STAT or ASAP")
    report_without_images_hours: int = Field(
        12, ge=0, description="how long after a final report its order may be without images; 0 = for ever"
    )
    overdue_order_hours: int = Field(
        12, ge=0, description="how long after its time an order may be without images; 0 = for ever"
    )
    give_up_days: int = Field(30, ge=1, description="an order or report is no longer looked at after so long")
    group_from: int = Field(
        20, ge=2, description="so many cases of one kind and one place (station, sender, authority) become one"
    )

    @field_validator("temporary_ids")
    @classmethod
    def _are_expressions(cls, value: list[str]) -> list[str]:
        return [expression(one) for one in value]

    @field_validator("temporary_identity_hours")
    @classmethod
    def _rise(cls, value: list[int]) -> list[int]:
        if sorted(set(value)) != value or any(hours < 0 for hours in value):
            raise ValueError("hours rise from one to the next: write [4, 24, 72]")
        return value
