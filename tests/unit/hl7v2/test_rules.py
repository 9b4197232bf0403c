"""A sender's own ways."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.config import HL7SenderConfig, PatientIdRule, SenderMatch, SiteConfig
from radrecon.hl7v2.reader import Segment
from radrecon.hl7v2.rules import (
    FILLER_PATHS,
    IMAGING_PATHS,
    USUAL,
    SenderRules,
    first_value,
    host_of,
    identified,
    paths_for,
    rules_of,
    sender_for,
)
from radrecon.model.patient import PatientId


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


# -- copies before and behind an engine --------------------------------------------------------------------------------


def test_copies_under_one_name_are_told_apart_by_host_or_by_receiver() -> None:
    senders = [
        HL7SenderConfig(match=SenderMatch(sending_application="RIS", host="10.0.0.1"), tap="copy"),
        HL7SenderConfig(match=SenderMatch(sending_application="RIS", receiving_application="PACS"), tap="copy_after"),
    ]
    assert sender_for(senders, "RIS", "H", peer="10.0.0.1:4711") is senders[0]
    assert sender_for(senders, "RIS", "H", peer="10.0.0.2:4711", receiving_application="PACS") is senders[1]
    assert sender_for(senders, "RIS", "H", peer="10.0.0.2:4711") is None


@pytest.mark.parametrize(
    ("peer", "host"),
    [
        ("10.0.0.1:4711", "10.0.0.1"), ("[::1]:4711", "::1"), ("10.0.0.1", "10.0.0.1"), ("::1", "::1"),
        ("replay", "replay"), ("file:a.hl7", "file:a.hl7"), ("", ""),
    ],
)  # fmt: skip
def test_a_peers_host_is_what_stands_before_its_port(peer: str, host: str) -> None:
    assert host_of(peer) == host


# -- patient numbers ---------------------------------------------------------------------------------------------------


def made(value: str, issuer: str = "", kind: str = "", *rules: PatientIdRule) -> str:
    return str(identified(PatientId(value, issuer), kind, rules))


EMR = PatientIdRule(match=r"\d{1,7}", issuer="EMR", pad=7)
NORTH = PatientIdRule(match=r"01\d{8}", issuer="NORTH", legacy_of="EMR")
NOBODY = PatientIdRule(match="0+|UNKNOWN", drop=True)


@pytest.mark.parametrize(
    ("value", "issuer", "result"),
    [
        ("123", "", "0000123^^^EMR"),
        ("0000123", "", "0000123^^^EMR"),
        ("123", "OTHER", "0000123^^^OTHER"),  # a stated authority stands
        ("0101234567", "", "0101234567^^^NORTH"),  # the prefix stays: it is another authority's number
        ("0101234567", "EMR", "0101234567^^^NORTH"),  # also where it is sent under the present authority's name
        ("0101234567", "SOUTH", "0101234567^^^SOUTH"),
        ("0000000", "", ""),
        ("UNKNOWN", "EMR", ""),
        ("A-17", "", "A-17"),
        ("", "", ""),
    ],
)
def test_rules_name_pad_and_drop_patient_numbers(value: str, issuer: str, result: str) -> None:
    assert made(value, issuer, "", NOBODY, EMR, NORTH) == result


def test_a_rule_holds_only_under_all_its_conditions() -> None:
    rule = PatientIdRule(prefix="R", type="pi", stated_issuer="X", issuer="RIS")
    assert made("R1", "X", "PI", rule) == "R1^^^RIS"
    assert made("R1", "X", "MR", rule) == "R1^^^X"
    assert made("R1", "", "PI", rule) == "R1"
    assert made("Q1", "X", "PI", rule) == "Q1^^^X"


def test_an_empty_stated_issuer_means_that_none_is_stated() -> None:
    rule = PatientIdRule(stated_issuer="", issuer="RIS", pad=3)
    assert (made("1", "", "", rule), made("1", "X", "", rule)) == ("001^^^RIS", "1^^^X")


TEXTS = st.text(max_size=12) | st.text("0123456789", max_size=10)
RULES = st.lists(
    st.builds(
        PatientIdRule,
        match=st.sampled_from(["", r"\d+", r"0+", r"[A-Z]\d*", r".*"]),
        prefix=st.sampled_from(["", "0", "A"]),
        stated_issuer=st.sampled_from([None, "", "X"]),
        issuer=st.sampled_from(["EMR", "RIS"]),
        pad=st.integers(0, 8),
    ),
    max_size=4,
)


@given(TEXTS, TEXTS, st.sampled_from(["", "X", "Y"]), RULES)
def test_two_numbers_become_one_only_by_leading_zeros(
    one: str, other: str, issuer: str, rules: list[PatientIdRule]
) -> None:
    found = [identified(PatientId(value, issuer), "MR", rules) for value in (one, other)]
    if found[0].value == found[1].value:
        assert one.lstrip("0") == other.lstrip("0")
    for value, made_of in zip((one, other), found, strict=True):
        assert made_of.value.endswith(value)
        assert set(made_of.value.removesuffix(value)) <= {"0"}


@given(st.text(max_size=300), st.text(max_size=5), RULES)
def test_no_text_breaks_a_rule(value: str, kind: str, rules: list[PatientIdRule]) -> None:
    assert len(identified(PatientId(value), kind, rules).value) >= len(value)


def test_a_sites_expression_is_not_tried_on_what_is_no_number() -> None:
    assert made("1" * 5000, "", "", PatientIdRule(match=r"(1+)+x?", issuer="EMR")) == "1" * 5000
