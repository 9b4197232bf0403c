"""Appointments: they move the steps of their orders, whichever is heard first."""

from __future__ import annotations

from typing import Any

import pytest

from radrecon.config import ModalityConfig
from radrecon.model.order import StepStatus
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import cancel, merge, message, msh, obr, order, pid

THEN = "20261130090000"


def siu(event: str = "S12", *, ids: str = "FA1", orders: str = "", start: str = THEN, **more: Any) -> bytes:
    """SIU; `orders` is SCH-27; `patient` a PID or None; `room` AIG-3."""
    placer, filler = "", ids
    patient = more.pop("patient", pid())
    fields = [""] * 28
    fields[1], fields[2], fields[11], fields[27] = placer, filler, f"^^^{start}", orders
    fields[25] = more.pop("status", "")
    resources = [f"AIG|1|A|{more.pop('room')}"] if "room" in more else []
    head = msh(f"SIU^{event}^SIU_S12", **more)
    return message(
        head, "|".join(["SCH", *fields[1:]]), *([patient] if patient else []), "RGS|1|A", f"AIS|1|A|CT^CT|{start}",
        *resources,
    )  # fmt: skip


def start(hospital: Hospital, accession: str = "A100") -> str:
    return hospital.order(accession).steps[0].start


@on_both
def test_made_moved_and_cancelled(hospital: Hospital) -> None:
    hospital.hears(order("A100"), siu(orders="F-A100"))
    assert start(hospital) == "2026-11-30T09:00:00"
    hospital.hears(siu("S13", start="20261201100000"))
    assert start(hospital) == "2026-12-01T10:00:00"
    hospital.hears(siu("S15", start=""))
    found = hospital.order()
    assert (found.status, found.steps[0].status, start(hospital)) == (StepStatus.SCHEDULED, StepStatus.SCHEDULED, "")
    assert "appointment_cancelled" in found.flags
    assert hospital.worklist() == ["A100"]
    assert "waits for another time" in hospital.journal()[-1].reason
    hospital.hears(siu(ids="FA2", orders="F-A100"))
    assert (start(hospital), hospital.order().flags) == ("2026-11-30T09:00:00", ())


def test_who_did_not_come_is_flagged_and_waits_for_another_time(hospital: Hospital) -> None:
    hospital.hears(order("A100"), siu(orders="F-A100"), siu("S26"))
    assert (start(hospital), hospital.order().flags) == ("", ("no_show", "no_start"))
    hospital.hears(order("A100", control="XO", status="SC", start="20261202080000"))
    assert (start(hospital), hospital.order().flags) == ("2026-12-02T08:00:00", ())


def test_the_resource_leads_to_its_modality(hospital: Hospital) -> None:
    modality = ModalityConfig(ae_title="CT2", station_names=["CT Room 2"])
    hospital.configure(CONFIG.model_copy(update={"modality": [modality]}))
    hospital.hears(order("A100"), siu(orders="F-A100", room="CT room 2^second CT"))
    step = hospital.order().steps[0]
    assert (step.station_name, step.station_ae_title) == ("CT room 2", "CT2")


@on_both
def test_an_appointment_that_comes_before_its_order_is_applied_when_that_comes(hospital: Hospital) -> None:
    hospital.hears(siu(orders="F-A100"))
    assert "kept until one is heard" in hospital.journal()[-1].reason
    hospital.hears(order("A100"))
    assert start(hospital) == "2026-11-30T09:00:00"
    hospital.hears(siu("S13", start="20261201100000", patient=None))
    assert start(hospital) == "2026-12-01T10:00:00"


def test_an_appointment_that_was_called_off_meanwhile_does_not_take_the_orders_own_time(hospital: Hospital) -> None:
    hospital.hears(siu(orders="F-A100"), siu("S15"), order("A100"))
    assert start(hospital) == "2026-11-22T14:30:00"


def test_an_early_appointment_follows_its_patient_into_a_merge(hospital: Hospital) -> None:
    hospital.hears(siu(orders="F-A100", patient=pid("1000009")), merge("1000001", "1000009"), order("A100"))
    assert start(hospital) == "2026-11-30T09:00:00"


@pytest.mark.parametrize("number", ["F-A100", "A100", "P-A100"])
def test_many_schedulers_use_the_orders_number_as_the_appointments(hospital: Hospital, number: str) -> None:
    hospital.hears(order("A100"), siu(ids=number))
    assert start(hospital) == "2026-11-30T09:00:00"


def test_the_same_number_of_another_patient_moves_nobodys_order(hospital: Hospital) -> None:
    hospital.hears(order("A100"), siu(orders="F-A100", patient=pid("7777777", "STRANGER^NO")))
    assert start(hospital) == "2026-11-22T14:30:00"


def test_the_end_of_an_appointment_moves_nothing_that_is_done(hospital: Hospital) -> None:
    hospital.hears(order("A100"), siu(orders="F-A100"), cancel("A100", control="SC", status="CM"), siu("S15"))
    assert (start(hospital), hospital.order().status) == ("2026-11-30T09:00:00", StepStatus.COMPLETED)


@pytest.mark.parametrize("event", ["S23", "S24", "S20", "S21", "S22"])
def test_events_that_move_no_order_are_taken_and_say_so(hospital: Hospital, event: str) -> None:
    hospital.hears(order("A100"), siu(event, orders="F-A100"))
    assert start(hospital) == "2026-11-22T14:30:00"
    assert hospital.journal()[-1].reason


def test_what_is_no_appointment_is_refused(hospital: Hospital) -> None:
    refused = hospital.takes(siu("S99"), siu("S15", patient=None), message(msh("SIU^S12"), pid()))
    assert [one.ack_code for one in refused] == ["AR", "AE", "AE"]
    assert "not heard before" in refused[1].reason


def test_the_same_appointment_number_of_two_systems_is_two_appointments(hospital: Hospital) -> None:
    hospital.hears(order("A1"), order("A2"), siu(orders="F-A1", sender="S1"), siu(orders="F-A2", sender="S2"))
    hospital.hears(siu("S15", sender="S2"))
    assert (start(hospital, "A1"), start(hospital, "A2")) == ("2026-11-30T09:00:00", "")


def test_an_order_is_found_in_the_journal_by_its_appointment(hospital: Hospital) -> None:
    hospital.hears(order("A100"), siu(orders="F-A100"))
    last = hospital.journal()[-1]
    assert (last.accession_number, last.effect["orders"]) == ("A100", [hospital.order().id])


@on_both
def test_when_a_patient_came_is_kept_whatever_else_is_heard_and_in_whichever_order(hospital: Hospital) -> None:
    came = siu("S14", orders="F-A100", status="Arrived", written="20261130084100")
    done = order("A100", control="SC", status="CM", written="20261130092000")
    hospital.hears(came, order("A100"), done, siu("S14", orders="F-A100", status="Arrived", written="20261130090500"))
    found = hospital.order()
    assert (found.arrived, found.ended) == ("2026-11-30T08:41:00", "2026-11-30T09:20:00")
    assert (found.sources["arrived"], found.sources["ended"]) == ("SIU MSH-7", "MSH-7")
    hospital.hears(order("A100", control="SC", status="SC"))
    assert (hospital.order().arrived, hospital.order().ended) == ("2026-11-30T08:41:00", "")


def test_an_appointment_of_the_placers_other_order_waits_for_that(hospital: Hospital) -> None:
    other = siu(orders="F2").replace(b"||F2\r", b"|P1|F2\r")
    hospital.hears(order("A100", placer="P1", filler="F1"), other)
    assert start(hospital) == "2026-11-22T14:30:00"
    hospital.hears(order("A200", placer="P1", filler="F2"))
    assert (start(hospital), start(hospital, "A200")) == ("2026-11-22T14:30:00", "2026-11-30T09:00:00")


KARLS = pid("2000002", "BAUER^KARL", "19851224", "M")


@on_both
def test_an_appointment_of_several_patients_moves_the_orders_of_each(hospital: Hospital) -> None:
    def both(event: str, when: str) -> bytes:
        return siu(event, orders="F-A100~F-A200", start=when, patient=f"{pid()}\rPV1|1|O\r{KARLS}\rPV1|1|O")

    hospital.hears(order("A100"), both("S12", THEN))
    assert start(hospital) == "2026-11-30T09:00:00"
    hospital.hears(order("A200", KARLS))
    assert start(hospital, "A200") == "2026-11-30T09:00:00"
    hospital.hears(both("S13", "20261201100000"))
    assert [start(hospital, one) for one in ("A100", "A200")] == ["2026-12-01T10:00:00"] * 2
    hospital.hears(siu("S13", start="20261202110000", patient=KARLS))
    assert [start(hospital, one) for one in ("A100", "A200")] == ["2026-12-01T10:00:00", "2026-12-02T11:00:00"]
    hospital.hears(siu("S15", start="", patient=None))
    assert [start(hospital, one) for one in ("A100", "A200")] == ["", ""]


def test_an_appointment_given_to_another_patient_is_theirs(hospital: Hospital) -> None:
    hospital.hears(order("A200", KARLS), siu(orders="F-A100"), siu("S14", orders="F-A200", patient=KARLS))
    assert start(hospital, "A200") == "2026-11-30T09:00:00"
    hospital.hears(siu("S13", start="20261201100000", patient=None))
    assert start(hospital, "A200") == "2026-12-01T10:00:00"


@on_both
def test_each_examination_of_an_accession_number_has_an_appointment_of_its_own(hospital: Hospital) -> None:
    requests = (
        line for n in (1, 2) for line in (f"ORC|NW|P{n}|F{n}", obr("A100", number=n, placer=f"P{n}", filler=f"F{n}"))
    )

    def starts() -> list[str]:
        return [step.start[:16] for step in hospital.order().steps]

    hospital.hears(siu(ids="FA2", orders="F2", start="20261201100000"))
    hospital.hears(message(msh("ORM^O01"), pid(), *requests))
    assert starts() == ["2026-11-22T14:30", "2026-12-01T10:00"]
    hospital.hears(siu(ids="FA1", orders="F1", start="20261130090000"))
    assert starts() == ["2026-11-30T09:00", "2026-12-01T10:00"]
    hospital.hears(siu("S15", ids="FA1", orders="F1", start=""))
    assert starts() == ["", "2026-12-01T10:00"]
    hospital.hears(siu(ids="FA3", orders="F1~F2", start="20261202110000"))
    assert starts() == ["2026-12-02T11:00"] * 2
