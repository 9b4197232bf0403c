"""A sender's own ways."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from radrecon.config import HL7SenderConfig, SenderMatch, SiteConfig
from radrecon.hl7v2.reader import Segment
from radrecon.hl7v2.rules import (
    FILLER_PATHS,
    IMAGING_PATHS,
    USUAL,
    SenderRules,
    first_value,
    paths_for,
    rules_of,
    sender_for,
)


def test_the_usual_paths_go_by_message_type() -> None:
    assert paths_for("ORM^O01", USUAL) == paths_for("OMG^O19", USUAL) == paths_for("ORU^R01", USUAL) == FILLER_PATHS
    assert paths_for("OMI^O23", USUAL) == IMAGING_PATHS
    assert paths_for("OMI^O23", SenderRules(accession_paths=("PV1-19",))) == ("PV1-19",)


def test_the_first_path_with_a_value_wins_and_is_remembered() -> None:
    segments = {"ORC": Segment("ORC|NW|P1|F1^RIS"), "OBR": Segment('OBR|1||""')}
    assert first_value(segments, FILLER_PATHS) == ("F1", "ORC-3.1")
    assert first_value(segments, ("ZDS-1.1", "OBR-18")) == ("", "")


def test_a_sender_is_found_by_what_it_calls_itself() -> None:
    site = SiteConfig(patient_id_issuer="HIS", accession_issuer="RIS")
    senders = [
        HL7SenderConfig(match=SenderMatch(sending_application="RIS", sending_facility="NORTH"), charset="8859/15"),
        HL7SenderConfig(
            match=SenderMatch(sending_application="RIS"), accession_paths=["OBR-20"], time_zone="Asia/Tokyo"
        ),
    ]
    assert rules_of(sender_for(senders, "RIS", "NORTH"), site).charset == "8859/15"
    south = rules_of(sender_for(senders, "RIS", "SOUTH"), site)
    assert south == SenderRules(("OBR-20",), "", "HIS", "RIS", ZoneInfo("Asia/Tokyo"))
    assert rules_of(sender_for(senders, "HIS", ""), site) == SenderRules(
        patient_id_issuer="HIS", accession_issuer="RIS"
    )
