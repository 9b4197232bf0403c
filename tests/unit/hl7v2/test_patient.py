"""PID and PV1."""

from __future__ import annotations

import pytest

from radrecon.config import PatientIdRule
from radrecon.hl7v2 import patient
from radrecon.hl7v2.reader import Message, Segment
from radrecon.hl7v2.rules import SenderRules
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId, Visit

SITE = SenderRules(patient_id_issuer="HIS")


def test_the_identity_block_is_read_whole() -> None:
    pid = Segment("PID|1||123^^^HIS^MR~9^^^EMPI^PI||DOE^JOHN^^JR||19600517|m")
    assert patient.demographics(pid) == Demographics(
        PatientId("123", "HIS"), PersonName.parse("DOE^JOHN^^^JR"), "1960-05-17", "M", (PatientId("9", "EMPI"),)
    )


@pytest.mark.parametrize(
    ("pid_3", "primary", "others"),
    [
        ("9^^^EMPI^PI~123^^^HIS^MR", "123", ["9"]),
        ("9^^^EMPI^MR~123^^^HIS^PI", "123", ["9"]),
        ("123~9^^^EMPI^MR", "123", ["9"]),
        ("999-99-9999^^^USA^SS~77^^^HIS^AN~123^^^HIS", "123", []),
        ("77^^^HIS^AN", "77", []),
        ('""~123', "123", []),
        ("123^^^HIS^MR~123^^^HIS^MR", "123", []),
    ],
)
def test_the_sites_own_identifier_comes_first(pid_3: str, primary: str, others: list[str]) -> None:
    found = patient.demographics(Segment(f"PID|||{pid_3}"), SITE)
    assert found.patient_id == PatientId(primary, "HIS")
    assert [one.value for one in found.other_ids] == others


@pytest.mark.parametrize("pid", [None, Segment("PID|1"), Segment('PID|1||""'), Segment("PID|1||^^^HIS")])
def test_without_an_identifier_the_content_is_wrong(pid: Segment | None) -> None:
    with pytest.raises(ContentError) as caught:
        patient.demographics(pid)
    assert caught.value.location == "PID-3"


def test_null_deletes_and_empty_leaves_alone() -> None:
    assert patient.deletes(Segment('PID|||1||""||""|""')) == {"name", "birth_date", "sex"}
    assert patient.deletes(Segment('PID|||1||""^""||""')) == {"name", "birth_date"}
    assert patient.deletes(Segment('PID|||1||DOE^""|||')) == frozenset()
    assert patient.demographics(Segment('PID|||1||""||""|""')) == Demographics(PatientId("1"))


def test_a_visit_is_pv1_19_else_the_account() -> None:
    pv1 = Segment("PV1|1|I|W1^R2^B3|||||7^HOUSE^GREG|||||||B6|Y|||V17^^^HIS")
    assert patient.visit([pv1]) == Visit("V17", "HIS", "I", "W1 R2 B3", "HOUSE^GREG", True)
    pid = Segment("PID|||1" + "|" * 15 + "ACC1^^^HIS")
    assert patient.visit([pid, Segment("PV1|1|O")]) == Visit("ACC1", "HIS", "O")
    assert patient.visit([]) == Visit()


@pytest.mark.parametrize(
    ("vip", "confidential"), [("", False), ("N", False), ('""', False), ("VIP", True), ("1", True)]
)
def test_confidential_patients_are_known(vip: str, confidential: bool) -> None:
    assert patient.visit([Segment("PV1|1" + "|" * 15 + vip)]).confidential is confidential


def test_protection_in_pd1_counts_too() -> None:
    assert patient.visit([Segment("PD1|" + "|" * 11 + "Y")]).confidential


def test_what_was_guessed_is_flagged() -> None:
    message = Message.parse("MSH|^~\\&|\rPID|||1||MÜLLER||yesterday\r".encode())
    found = patient.demographics(message.first("PID"))
    assert found.birth_date == "yesterday"
    assert patient.flags(message, found, message.first("PID")) == ("guessed_charset", "bad_birth_date")


RULED = SenderRules(
    patient_id_issuer="HIS",
    patient_ids=(
        PatientIdRule(match="0+", drop=True),
        PatientIdRule(match=r"\d{1,7}", issuer="HIS", pad=7),
        PatientIdRule(prefix="N", issuer="NORTH", legacy_of="HIS"),
    ),
)


@pytest.mark.parametrize(
    ("pid", "expected"),
    [
        ("PID|1||N7^^^HIS~12", ["0000012^^^HIS", "N7^^^NORTH"]),
        ("PID|1||0000000~12^^^EMPI", ["0000012^^^EMPI"]),
        ("PID|1|34^^^HIS|", ["0000034^^^HIS"]),
        ("PID|1||000|A9", ["A9^^^HIS"]),
        ("PID|1|12|34|56", ["0000034^^^HIS"]),
    ],
)
def test_a_senders_rules_hold_wherever_a_patient_number_is_read(pid: str, expected: list[str]) -> None:
    found = patient.demographics(Segment(pid), RULED)
    assert [str(one) for one in (found.patient_id, *found.other_ids)] == expected


def test_rules_hold_for_the_number_that_is_merged_away() -> None:
    mrg = Segment("MRG|12~N7")
    assert [str(one) for one in patient.prior_identifiers(mrg, RULED, "HIS")] == ["0000012^^^HIS", "N7^^^NORTH"]
    assert [str(one) for one in patient.prior_identifiers(Segment("MRG||||34"), RULED)] == ["0000034^^^HIS"]
    assert patient.prior_identifiers(Segment("MRG||||34"), SenderRules(fallback=False)) == []


def test_old_senders_write_the_number_into_pid_2_or_4_and_that_is_flagged() -> None:
    old = Message.parse(b"MSH|^~\\&|||||||ADT^A01||P|2.2|||||||8859/1\rPID|1|77|||DOE\r")
    found = patient.demographics(old.first("PID"))
    assert found.patient_id == PatientId("77")
    assert patient.flags(old, found, old.first("PID")) == ("patient_id_elsewhere",)
    with pytest.raises(ContentError):
        patient.demographics(old.first("PID"), SenderRules(fallback=False))


def test_a_padded_number_is_no_number_from_elsewhere() -> None:
    message = Message.parse(b"MSH|^~\\&|||||||ADT^A01||P|2.5|||||||8859/1\rPID|1||12\r")
    assert patient.flags(message, patient.demographics(message.first("PID"), RULED), message.first("PID")) == ()


@pytest.mark.parametrize(
    ("pid", "number"),
    [
        ("PID|1|123^^^HIS|77^^^HIS^AN", "123"),
        ("PID|1||999-99-9999^^^USA^SS|123^^^HIS", "123"),
        ("PID|1||77^^^HIS^AN", "77"),
    ],
)
def test_an_account_is_the_patients_number_only_where_nothing_else_names_them(pid: str, number: str) -> None:
    assert patient.demographics(Segment(pid)).patient_id.value == number


def test_an_account_is_never_merged_away_as_a_patient() -> None:
    assert patient.prior_identifiers(Segment("MRG|77^^^HIS^AN"), SITE, "HIS") == []
    assert patient.prior_identifiers(Segment("MRG|77^^^HIS^AN|||12"), SITE, "HIS") == [PatientId("12", "HIS")]


def test_a_number_without_authority_that_is_merged_away_is_of_the_survivors() -> None:
    mrg = Segment("MRG|12~13^^^SOUTH")
    assert patient.prior_identifiers(mrg, SITE, "NORTH") == [PatientId("12", "NORTH"), PatientId("13", "SOUTH")]
    assert patient.prior_identifiers(mrg, SITE) == [PatientId("12", "HIS"), PatientId("13", "SOUTH")]
