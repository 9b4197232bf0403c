"""Report versions: kept, chained, and joined to an order that comes later."""

from __future__ import annotations

import pytest

from radrecon.config import HL7SenderConfig
from radrecon.model.order import StepStatus
from radrecon.model.rows import ReportRow
from radrecon.workflow.report_versions import report_rows
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import merge, message, msh, obr, order, pid, report

DONE, WAITING = StepStatus.COMPLETED, StepStatus.SCHEDULED


def rows(hospital: Hospital, query: str = "") -> list[ReportRow]:
    """Oldest first."""
    with hospital.store.reading() as conn:
        return report_rows(conn, query=query)[::-1]


def kinds(hospital: Hospital) -> list[str]:
    return [row.kind for row in rows(hospital)]


@on_both
def test_each_version_is_kept_with_what_it_is_and_the_text_that_stands(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100", "P", text="a"), report("A100", "F", text="b"))
    hospital.hears(report("A100", "F", text="c"), report("A100", "C", text="d"), report("A100", "X", text=""))
    found = rows(hospital)
    assert [row.kind for row in found] == ["preliminary", "final", "addendum", "corrected", "cancelled"]
    assert [row.text for row in found] == ["a", "b", "b\n\nc", "d", "d"]
    assert [(row.number, row.versions) for row in found] == [(at, 5) for at in range(1, 6)]
    assert {row.order_id for row in found} == {hospital.order().id}
    assert found[0].sources["accession_number"] == "OBR-18"


@on_both
def test_a_final_result_without_text_blanks_nothing(hospital: Hospital) -> None:
    empty = report("A100", "F", text="").replace(b"||||||F", b"||||||U")
    hospital.hears(order("A100"), report("A100", "P", text="No finding."), empty)
    assert [(row.kind, row.text, row.text_sent) for row in rows(hospital)] == [
        ("preliminary", "No finding.", True), ("confirmed", "No finding.", False),
    ]  # fmt: skip
    assert hospital.order().status is DONE


def test_a_preliminary_result_after_a_final_one_is_an_anomaly_that_a_person_sees(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100", "F"), report("A100", "P", text="late"))
    assert "the final one stands" in hospital.journal()[-1].reason
    last = rows(hospital)[-1]
    assert (last.kind, last.flags, last.text) == ("anomaly", ("anomaly",), "No finding.")


@on_both
def test_a_report_for_the_wrong_patient_is_a_grave_flag_until_a_final_one_replaces_it(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100", "F"), report("A100", "W"))
    assert "report_wrong_patient" in hospital.order().flags
    assert "wrong patient" in hospital.journal()[-1].reason
    assert (rows(hospital)[-1].kind, rows(hospital)[-1].text) == ("wrong_patient", "")
    hospital.hears(order("A100", control="XO", status="CM"))
    assert "report_wrong_patient" in hospital.order().flags
    hospital.hears(report("A100", "C", text="the right one"))
    assert "report_wrong_patient" not in hospital.order().flags


def test_partial_and_cancelled_results_complete_nothing(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100", "A"), report("A100", "X"), report("A100", "D"))
    assert hospital.order().status is WAITING
    assert kinds(hospital) == ["partial", "cancelled", "withdrawn"]


def test_a_senders_rule_makes_its_status_an_addendum(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [HL7SenderConfig(addendum_status="A")]}))
    hospital.hears(order("A100"), report("A100", "F", text="a"), report("A100", "A", text="b"))
    assert kinds(hospital) == ["final", "addendum"]
    assert rows(hospital)[-1].text == "a\n\nb"


@on_both
def test_reports_that_came_before_their_order_are_joined_to_it(hospital: Hospital) -> None:
    hospital.hears(report("A100", "P", text="a"), report("A100", "F", text="b"))
    assert [(row.kind, row.number, row.order_id) for row in rows(hospital)] == [("preliminary", 1, 0), ("final", 2, 0)]
    assert "no order is known" in hospital.journal()[-1].reason
    hospital.hears(order("A100"))
    found = hospital.order()
    assert found.status is DONE
    assert [(row.kind, row.order_id) for row in rows(hospital)] == [("preliminary", found.id), ("final", found.id)]
    hospital.hears(report("A100", "C", text="c"))
    assert [row.number for row in rows(hospital)] == [1, 2, 3]


def test_a_report_that_names_only_the_order_numbers_is_joined_too(hospital: Hospital) -> None:
    said = message(msh("ORU^R01"), pid(), "OBR|1|P1|F1||||||||||||||||||||||F", "OBX|1|TX|R||x||||||F")
    hospital.hears(said, order("A100", placer="P1", filler="F1"))
    assert [row.order_id for row in rows(hospital)] == [hospital.order().id]


def test_a_report_of_somebody_else_is_not_joined_by_an_equal_number(hospital: Hospital) -> None:
    hospital.hears(report("A100", "F", pid("7777777", "STRANGER^NO")), order("A100"))
    assert [row.order_id for row in rows(hospital)] == [0]
    assert hospital.order().status is WAITING


def test_a_report_under_a_number_that_was_merged_since_is_joined(hospital: Hospital) -> None:
    hospital.hears(report("A100", "F", pid("1000009")), order("Z1", pid("1000009")), merge("1000001", "1000009"))
    hospital.hears(order("A100"))
    assert hospital.order().status is DONE


def test_two_reports_in_a_message_go_to_their_own_orders(hospital: Hospital) -> None:
    def result(accession: str, status: str) -> tuple[str, str]:
        request = f"OBR|1|P-{accession}|F-{accession}|CT^CT|" + "|" * 13 + accession + "|" * 7 + status
        return request, f"OBX|1|TX|R||{accession}||||||{status}"

    hospital.hears(order("A1"), order("A2"))
    hospital.hears(message(msh("ORU^R01"), pid(), *result("A1", "F"), *result("A2", "P")))
    assert [hospital.order(one).status for one in ("A1", "A2")] == [DONE, WAITING]


def test_a_report_of_one_request_finds_the_order_of_its_accession_number(hospital: Hospital) -> None:
    requests = (
        line for n in (1, 2) for line in (f"ORC|NW|P{n}|F{n}", obr("A100", number=n, placer=f"P{n}", filler=f"F{n}"))
    )
    hospital.hears(message(msh("ORM^O01"), pid(), *requests))
    hospital.hears(message(msh("ORU^R01"), pid(), "OBR|1|P2|F2" + "|" * 22 + "P", "OBX|1|TX|R||x||||||P"))
    assert [row.order_id for row in rows(hospital)] == [hospital.order().id]


@pytest.mark.parametrize("first", [1, 2])
def test_a_final_report_of_one_request_leaves_the_others_waiting(hospital: Hospital, first: int) -> None:
    requests = (
        line for n in (1, 2) for line in (f"ORC|NW|P{n}|F{n}", obr("A100", number=n, placer=f"P{n}", filler=f"F{n}"))
    )
    hospital.hears(message(msh("ORM^O01"), pid(), *requests))
    for n in (first, 3 - first):
        assert hospital.worklist() == ["A100"] * (2 if n == first else 1)
        final = f"OBR|1|P{n}|F{n}" + "|" * 22 + "F"
        hospital.hears(message(msh("ORU^R01"), pid(), final, "OBX|1|TX|R||x||||||F"))
    assert (hospital.worklist(), hospital.order().status) == ([], StepStatus.COMPLETED)


def test_reports_are_searched_like_orders(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100"), report("B7", "F", pid("7777777", "STRANGER^NO")))
    assert len(rows(hospital, "acc:A100")) == len(rows(hospital, "mrn:1000001")) == 1
    assert [row.accession_number for row in rows(hospital, "mrn:7777777")] == ["B7"]


@on_both
def test_results_of_two_patients_in_one_message_are_each_ones_own(hospital: Hospital) -> None:
    urs = pid("1000002", "KOCH^URS", "19700101", "M")
    hospital.hears(order("A100"), order("A200", urs))
    both = (
        report("A100", text="Of Anna.").rstrip(b"\r")
        + b"\r"
        + b"\r".join(report("A200", "F", urs, "Of Urs.").split(b"\r")[1:])
    )
    hospital.hears(both)
    found = {row.text: row for row in rows(hospital)}
    assert (found["Of Anna."].order_id, found["Of Urs."].order_id) == (hospital.order().id, hospital.order("A200").id)
    assert found["Of Urs."].patient_name == "KOCH^URS"


def under(placer: str, filler: str) -> bytes:
    """A final report that names no accession number."""
    return message(
        msh("ORU^R01"), pid(), f"OBR|1|{placer}|{filler}|CT" + "|" * 21 + "F", "OBX|1|TX|R||No finding.||||||F"
    )


@on_both
def test_a_report_with_a_number_of_its_own_is_the_placers_only_orders(hospital: Hospital) -> None:
    hospital.hears(order("A100", placer="P1", filler="F1"), under("P1", "R9"))
    assert hospital.order().status is DONE


def test_of_two_orders_of_a_placer_it_is_neithers(hospital: Hospital) -> None:
    hospital.hears(order("A100", placer="P1", filler="F1"), order("A200", placer="P1", filler="F2"), under("P1", "R9"))
    assert [hospital.order(one).status for one in ("A100", "A200")] == [WAITING, WAITING]
    hospital.hears(under("P1", "F2"))
    assert [hospital.order(one).status for one in ("A100", "A200")] == [WAITING, DONE]


def results(*parts: tuple[str, str]) -> bytes:
    """ORU with an OBR for each status and text, all of one order."""
    segments = []
    for status, text in parts:
        segments.append("OBR|1|P-A100|F-A100|CTCHEST^CT chest^L" + "|" * 14 + "A100" + "|" * 7 + status)
        segments += [f"OBX|1|TX|REPORT||{text}||||||{status}"] if text else []
    return message(msh("ORU^R01"), pid(), *segments)


@on_both
@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([("F", "Findings."), ("F", "Impression.")], ("F", "final", "Findings.\n\nImpression.", ())),
        ([("C", "Findings."), ("C", "Impression.")], ("C", "corrected", "Findings.\n\nImpression.", ())),
        ([("P", "Findings."), ("P", "Impression.")], ("P", "preliminary", "Findings.\n\nImpression.", ())),
        ([("F", "Chest."), ("P", "Abdomen.")], ("A", "partial", "Chest.\n\nAbdomen.", ())),
        ([("F", "Both."), ("F", "")], ("F", "final", "Both.", ())),
        ([("F", "Both."), ("F", "Both.")], ("F", "final", "Both.", ())),
        ([("F", "Chest."), ("X", "")], ("F", "final", "Chest.", ())),
        ([("F", ""), ("F", "")], ("F", "final", "", ("text_not_sent",))),
    ],
)
def test_several_results_of_one_order_in_a_message_are_one_version(
    hospital: Hospital, parts: list[tuple[str, str]], found: tuple[object, ...], ordered: bool
) -> None:
    hospital.hears(*([order("A100")] if ordered else []), results(*parts))
    assert [(row.status, row.kind, row.text, row.flags) for row in rows(hospital)] == [found]


def test_a_result_that_was_taken_back_is_a_version_of_its_own_beside_the_right_one(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100", text="Old."), results(("W", "Old."), ("F", "New.")))
    assert [(row.number, row.kind) for row in rows(hospital)] == [(1, "final"), (2, "wrong_patient"), (3, "final")]
    assert "report_wrong_patient" not in hospital.order().flags


def test_of_two_examinations_in_a_message_the_one_that_is_read_is_done(hospital: Hospital) -> None:
    requests = (
        line for n in (1, 2) for line in (f"ORC|NW|P{n}|F{n}", obr("A100", number=n, placer=f"P{n}", filler=f"F{n}"))
    )
    hospital.hears(message(msh("ORM^O01"), pid(), *requests))
    both = [f"OBR|{n}|P{n}|F{n}" + "|" * 15 + "A100" + "|" * 7 + status for n, status in ((1, "P"), (2, "F"))]
    hospital.hears(message(msh("ORU^R01"), pid(), *both))
    assert [row.status for row in rows(hospital)] == ["A"]
    assert [step.status for step in hospital.order().steps] == [StepStatus.SCHEDULED, StepStatus.COMPLETED]


def test_two_examinations_that_were_read_before_their_order_came_are_done(hospital: Hospital) -> None:
    both = [f"OBR|{n}|P{n}|F{n}" + "|" * 15 + "A100" + "|" * 7 + "F" for n in (1, 2)]
    requests = (
        line for n in (1, 2) for line in (f"ORC|NW|P{n}|F{n}", obr("A100", number=n, placer=f"P{n}", filler=f"F{n}"))
    )
    hospital.hears(message(msh("ORU^R01"), pid(), *both), message(msh("ORM^O01"), pid(), *requests))
    assert (len(rows(hospital)), hospital.worklist(), hospital.order().status) == (1, [], StepStatus.COMPLETED)
