"""Orders and their steps."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from radrecon.hl7v2.orders import read_orders, read_requests
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import SenderRules
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.order import Code, Order, OrderRequest, Step, StepStatus
from radrecon.model.patient import Demographics, PatientId, Visit

BERLIN = ZoneInfo("Europe/Berlin")
PID = "PID|1||123^^^HIS^MR||DOE^JOHN||19600517|M"
PV1 = "PV1|1|I|W1^2||||" + "|7^REFER^RITA" + "|" * 7 + "B6||||V17^^^HIS"


def segment(name: str, fields: dict[int, str]) -> str:
    return "|".join((name, *(fields.get(at, "") for at in range(1, max(fields) + 1))))


def message(kind: str, *segments: str) -> Message:
    return Message.parse("\r".join((f"MSH|^~\\&|RIS|NORTH|||20261122||{kind}|1|P|2.5", *segments)).encode())


def one(*segments: str, kind: str = "ORM^O01", rules: SenderRules | None = None) -> Order:
    orders = read_orders(message(kind, PID, *segments), rules or SenderRules(), BERLIN)
    assert len(orders) == 1
    return orders[0]


ORC = "ORC|NW|P1^HIS|F1^RIS||SC||1^^^202611221430^^S"
OBR_FIELDS = {
    1: "1", 2: "P1^HIS", 3: "F1^RIS", 4: "CTCHE^CT Chest^L^P7^Chest & neck^99RIS", 12: "MRSA^Isolation", 13: "Allergy",
    16: "9^ORDER^OTTO", 18: "A100", 19: "RP1", 20: "SPS1", 24: "ct", 30: "WHLC", 31: "^Cough~R05^Fever",
    34: "5&TECH&TINA", 44: "71250^CT Thorax^C4",
}  # fmt: skip
OBR = segment("OBR", OBR_FIELDS)


def test_an_orm_is_mapped_field_by_field() -> None:
    assert one(PV1, ORC, OBR, "ZDS|1.2.3^RIS^Application^DICOM") == Order(
        accession_number="A100",
        placer_order_number="P1",
        issuer_of_placer_order_number="HIS",
        filler_order_number="F1",
        issuer_of_filler_order_number="RIS",
        requested_procedure_id="RP1",
        requested_procedure_description="CT Thorax",
        requested_procedure_code=Code("71250", "C4", "CT Thorax"),
        study_instance_uid="1.2.3",
        reason="Cough; Fever",
        priority="STAT",
        requesting_physician=PersonName.parse("ORDER^OTTO"),
        referring_physician=PersonName.parse("REFER^RITA"),
        patient=Demographics(PatientId("123", "HIS"), PersonName.parse("DOE^JOHN"), "1960-05-17", "M"),
        visit=Visit("V17", "HIS", "I", "W1 2", "REFER^RITA"),
        steps=(
            Step(
                scheduled_procedure_step_id="SPS1",
                modality="CT",
                start="2026-11-22T14:30:00",
                description="Chest & neck",
                protocol_code=Code("P7", "99RIS", "Chest & neck"),
                performing_physician=PersonName.parse("TECH^TINA"),
            ),
        ),
        control="NW",
        pregnancy_status="3",
        medical_alerts="Allergy",
        patient_state="Isolation",
        patient_transport="WHLC",
        sources={
            "accession_number": "OBR-18",
            "placer_order_number": "ORC-2.1",
            "filler_order_number": "ORC-3.1",
            "requested_procedure_id": "OBR-19",
            "study_instance_uid": "ZDS-1.1",
            "scheduled_procedure_step_id": "OBR-20",
        },
        sender="RIS^NORTH",
    )


IPC = {1: "A100^RIS", 2: "RP1", 3: "1.2.3", 4: "SPS1", 5: "MR^Magnet", 6: "P7^Knee^99R", 7: "M1^Magnet 1", 8: "^Room 3",
       9: "MR1"}  # fmt: skip


def test_an_omi_takes_its_step_from_ipc_and_tq1() -> None:
    order = one(ORC, segment("TQ1", {7: "202611230800+0000", 9: "R"}), OBR, segment("IPC", IPC), kind="OMI^O23^OMI_O23")
    assert (order.accession_number, order.issuer_of_accession, order.study_instance_uid) == ("A100", "RIS", "1.2.3")
    assert order.sources["accession_number"] == "IPC-1"
    assert order.priority == "ROUTINE"
    assert order.steps == (
        Step("SPS1", "MR", "MR1", "M1", "Room 3", "2026-11-23T09:00:00", "Knee", Code("P7", "99R", "Knee"),
             PersonName.parse("TECH^TINA")),
    )  # fmt: skip


def test_an_omg_has_the_orms_identifiers_and_tq1s_time() -> None:
    order = one(ORC, segment("TQ1", {7: "20261124"}), OBR, kind="OMG^O19")
    assert (order.accession_number, order.steps[0].start) == ("A100", "2026-11-24")


def test_several_ipc_are_several_steps() -> None:
    ipcs = [segment("IPC", IPC | {4: f"SPS{n}"}) for n in (1, 2, 3)]
    order = one(ORC, OBR, *ipcs, kind="OMI^O23")
    assert [step.scheduled_procedure_step_id for step in order.steps] == ["SPS1", "SPS2", "SPS3"]


def test_several_obr_of_one_accession_are_several_steps() -> None:
    second = segment("OBR", OBR_FIELDS | {20: "SPS2"})
    for segments in ((ORC, OBR, second), (ORC, OBR, ORC, second)):
        order = one(*segments)
        assert [step.scheduled_procedure_step_id for step in order.steps] == ["SPS1", "SPS2"]


def test_another_accession_is_another_order() -> None:
    second = segment("OBR", OBR_FIELDS | {18: "A101"})
    orders = read_orders(message("ORM^O01", PID, ORC, OBR, ORC, second))
    assert [(order.accession_number, len(order.steps)) for order in orders] == [("A100", 1), ("A101", 1)]
    ipcs = [segment("IPC", IPC | {1: f"A{n}"}) for n in (1, 2)]
    assert len(read_orders(message("OMI^O23", PID, ORC, OBR, *ipcs))) == 2


def test_without_accession_the_placers_number_joins() -> None:
    obr = segment("OBR", {2: "P1", 24: "CT"})
    assert len(one("ORC|NW|P1", obr, "ORC|NW|P1", obr, rules=SenderRules(accession_paths=("OBR-18",))).steps) == 2
    nameless = [segment("OBR", {24: "CT"})] * 2
    assert len(read_orders(message("ORM^O01", PID, *nameless))) == 2


@pytest.mark.parametrize(
    ("fields", "accession", "path"),
    [
        ({18: "A1", 3: "F2"}, "A1", "OBR-18"),
        ({3: "F2^RIS"}, "F2", "OBR-3.1"),
        ({24: "CT"}, "F1", "ORC-3.1"),
        ({18: '""'}, "F1", "ORC-3.1"),
    ],
)
def test_the_accession_remembers_where_it_stood(fields: dict[int, str], accession: str, path: str) -> None:
    order = one(ORC, segment("OBR", fields))
    assert (order.accession_number, order.sources["accession_number"]) == (accession, path)


def test_a_senders_own_paths_rule() -> None:
    order = one(PV1, ORC, OBR, rules=SenderRules(accession_paths=("PV1-19",), accession_issuer="SITE"))
    assert (order.accession_number, order.issuer_of_accession) == ("V17", "SITE")


@pytest.mark.parametrize(
    ("pair", "status"),
    [
        ("NW_SC", "SCHEDULED"), ("NW_IP", "SCHEDULED"), ("XO_SC", "SCHEDULED"), ("NW_", "SCHEDULED"),
        ("SN_", "SCHEDULED"), ("XO_CM", "COMPLETED"), ("SC_CM", "COMPLETED"), ("SC_A", "COMPLETED"),
        ("CA_CA", "CANCELLED"), ("CA_", "CANCELLED"), ("DC_CA", "DISCONTINUED"), ("DC_", "DISCONTINUED"),
    ],
)  # fmt: skip
def test_control_and_status_tell_where_the_order_stands(pair: str, status: str) -> None:
    control, order_status = pair.split("_")
    order = one(f"ORC|{control}|P1|F1||{order_status}||^^^20261122", OBR)
    assert (order.status, order.steps[0].status, order.control) == (StepStatus(status),) * 2 + (control,)
    assert "unknown_control" not in order.flags


@pytest.mark.parametrize("orc", ["ORC|ZZ|P1||", "ORC|NW|P1|||ZZ", "ORC||P1"])
def test_an_unknown_pair_is_kept_and_flagged(orc: str) -> None:
    order = one(orc, OBR)
    assert order.status is StepStatus.SCHEDULED
    assert "unknown_control" in order.flags


def requests(*segments: str, kind: str = "ORM^O01", version: str = "2.5") -> list[OrderRequest]:
    text = "\r".join((f"MSH|^~\\&|RIS|NORTH|||20261122||{kind}|1|P|{version}", *segments))
    return read_requests(Message.parse(text.encode()), SenderRules(), BERLIN)


def test_an_unknown_pair_says_nothing_of_where_the_order_stands() -> None:
    assert requests(PID, "ORC|ZZ|P1", OBR)[0].keeps_status
    assert requests(PID, "ORC|SC|P1", OBR)[0].keeps_status
    assert not requests(PID, ORC, OBR)[0].keeps_status


def test_what_is_sent_as_two_quotes_is_deleted_and_what_is_empty_is_not() -> None:
    fields = OBR_FIELDS | {12: '""', 13: '""', 18: '""', 24: '""', 30: "", 36: '""', 44: '""'}
    [request] = requests(PID, "ORC|XO|P1^HIS||||", segment("OBR", fields | {3: ""}))
    assert request.deletes == {
        "accession_number", "medical_alerts", "patient_state", "requested_procedure_code",
    }  # fmt: skip
    assert request.step_deletes == ({"modality", "start"},)
    [plain] = requests(PID, ORC, OBR)
    assert (plain.deletes, plain.step_deletes) == (frozenset(), (frozenset(),))


def test_a_value_at_another_place_is_not_deleted_by_two_quotes() -> None:
    [request] = requests(PID, "ORC|XO|P1|F1", segment("OBR", OBR_FIELDS | {18: '""'}))
    assert request.deletes == frozenset()
    assert request.order.accession_number == "F1"


def test_an_order_and_what_replaces_it_stay_two() -> None:
    second = segment("OBR", OBR_FIELDS | {2: "P2", 3: "F2", 20: "SPS2"})
    old, new = read_orders(message("ORM^O01", PID, "ORC|RP|P1|F1", OBR, "ORC|RO|P2|F2||SC", second))
    assert (old.status, old.flags, new.status) == (StepStatus.CANCELLED, ("replaced",), StepStatus.SCHEDULED)
    assert (old.placer_order_number, new.placer_order_number) == ("P1", "P2")


def test_a_step_of_another_request_keeps_its_own_order_numbers() -> None:
    second = segment("OBR", OBR_FIELDS | {2: "P2", 3: "F2", 20: "SPS2"})
    order = one("ORC|NW|P1|F1", OBR, "ORC|NW|P2|F2", second)
    assert order.placer_order_number == "P1"
    own = [(step.placer_order_number, step.filler_order_number) for step in order.steps]
    assert own == [("", ""), ("P2", "F2")]


def test_results_from_before_that_come_along_are_no_orders() -> None:
    prior = segment("OBR", {2: "P0", 18: "A001", 24: "CT"})
    [order] = read_orders(message("OMG^O19", PID, ORC, OBR, PV1, "ORC|PR|P0", prior))
    assert order.accession_number == "A100"


def test_a_placer_that_is_asked_for_a_number_is_flagged_until_there_is_one() -> None:
    assert "number_wanted" in one("ORC|SN||F1^RIS||SC", segment("OBR", OBR_FIELDS | {2: ""})).flags
    assert "number_wanted" not in one("ORC|SN|P1|F1^RIS||SC", OBR).flags


@pytest.mark.parametrize(("section", "modality"), [("NMR", "MR"), ("RUS", "US"), ("nms", "NM"), ("RAD", "RAD")])
def test_sections_of_the_standards_own_table_are_told_as_modalities(section: str, modality: str) -> None:
    assert one(ORC, segment("OBR", OBR_FIELDS | {24: section})).steps[0].modality == modality


def test_an_order_of_2_1_has_its_time_in_the_requested_time() -> None:
    old = segment("OBR", {2: "P1", 4: "CT^CT chest", 6: "198811221430", 24: "CT"})
    for version, start in (("2.1", "1988-11-22T14:30:00"), ("2.2", "1988-11-22T14:30:00"), ("2.3", "")):
        assert requests(PID, "ORC|NW|P1", old, kind="ORM", version=version)[0].order.steps[0].start == start


def test_several_orders_of_an_omi_each_have_their_own_time() -> None:
    groups = [
        segment_
        for n in (1, 2)
        for segment_ in (
            f"ORC|NW|P{n}|F{n}||SC", segment("TQ1", {7: f"2026112{n}0800"}), segment("OBR", {2: f"P{n}", 4: "CT"}),
            segment("IPC", IPC | {1: f"A{n}", 4: "S1"}), segment("IPC", IPC | {1: f"A{n}", 4: "S2"}),
        )
    ]  # fmt: skip
    orders = read_orders(message("OMI^O23", PID, *groups))
    assert [[step.start[8:10] for step in order.steps] for order in orders] == [["21", "21"], ["22", "22"]]


def test_an_ipc_without_an_obr_is_a_step() -> None:
    order = one(ORC, segment("IPC", IPC), kind="OMI^O23")
    assert (order.accession_number, order.steps[0].modality) == ("A100", "MR")


def test_an_obr_without_an_orc_is_an_order_that_a_person_should_look_at() -> None:
    order = one(OBR)
    assert (order.placer_order_number, order.filler_order_number) == ("P1", "F1")
    assert order.sources["placer_order_number"] == "OBR-2.1"
    assert "unknown_control" in order.flags


def test_an_order_that_makes_no_step_is_flagged() -> None:
    assert one("ORC|NW|P1|F1||SC").flags == ("no_step",)
    assert one("ORC|CA|P1|F1||CA").flags == ()
    assert one("ORC|CA|P1|F1||CA").steps == ()


def test_a_step_without_time_or_modality_is_flagged() -> None:
    assert one("ORC|NW|P1||", "OBR|1|P1").flags == ("no_start", "no_modality")
    assert one("ORC|NW|P1|||||^^^tomorrow", OBR).flags == ("bad_start",)


@pytest.mark.parametrize(
    ("orc_7", "fields", "start"),
    [
        ("^^^202611221430^^S", {27: "^^^202611221500", 36: "202611221600"}, "2026-11-22T14:30:00"),
        ("", {27: "^^^202611221500", 36: "202611221600"}, "2026-11-22T15:00:00"),
        ("", {36: "202611221600"}, "2026-11-22T16:00:00"),
        ("^^^20261122", {}, "2026-11-22"),
        ("^^^202611221430-0500", {}, "2026-11-22T20:30:00"),
    ],
)
def test_the_start_is_the_sites_wall_clock(orc_7: str, fields: dict[int, str], start: str) -> None:
    assert one(f"ORC|NW|P1|||||{orc_7}", segment("OBR", {24: "CT"} | fields)).steps[0].start == start


def test_a_senders_zone_is_carried_to_the_sites() -> None:
    order = one("ORC|NW|P1|||||^^^202611221430", OBR, rules=SenderRules(zone=ZoneInfo("Europe/London")))
    assert order.steps[0].start == "2026-11-22T15:30:00"


@pytest.mark.parametrize(
    ("letter", "priority"),
    [("S", "STAT"), ("A", "HIGH"), ("P", "HIGH"), ("C", "HIGH"), ("R", "ROUTINE"), ("T", "MEDIUM"), ("TM30", "MEDIUM"),
     ("", ""), ("?", "")],
)  # fmt: skip
def test_priorities_are_dicoms(letter: str, priority: str) -> None:
    assert one(f"ORC|NW|P1|||||^^^^^{letter}", OBR).priority == priority


@pytest.mark.parametrize("segments", [(ORC, OBR), ("PID|1", ORC, OBR)])
def test_an_order_without_a_patient_is_wrong_at_pid_3(segments: tuple[str, ...]) -> None:
    with pytest.raises(ContentError) as caught:
        read_orders(message("ORM^O01", *segments))
    assert caught.value.location == "PID-3"


def test_a_message_without_an_order_is_wrong_at_orc() -> None:
    with pytest.raises(ContentError) as caught:
        read_orders(message("ORM^O01", PID))
    assert caught.value.location == "ORC"


def test_a_zds_of_one_order_is_not_given_to_another() -> None:
    other = segment("OBR", OBR_FIELDS | {18: "A101"})
    orders = read_orders(message("ORM^O01", PID, ORC, OBR, "ZDS|1.2.3", ORC, other))
    assert [order.study_instance_uid for order in orders] == ["1.2.3", ""]
