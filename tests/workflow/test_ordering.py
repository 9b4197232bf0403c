from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from radrecon.hl7v2.order_control import CONTROLS
from radrecon.model.case import CaseKind
from radrecon.model.order import StepStatus
from radrecon.store import orders
from radrecon.workflow.ordering import TAKEN_OVER
from tests.builders import study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, cancel, imaging_order, message, msh, obr, orc, order, pid, report

S = StepStatus


def statuses(hospital: Hospital, accession: str = "A100") -> list[StepStatus]:
    found = hospital.order(accession)
    return [found.status, *(step.status for step in found.steps)]


@on_both
def test_a_new_order_makes_a_scheduled_step(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    found = hospital.order("A100")
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED]
    assert found.steps[0].start == "2026-11-22T14:30:00"
    assert found.sources["accession_number"] == "OBR-18"


@pytest.mark.parametrize(
    ("control", "status", "expected"),
    [("CA", "CA", S.CANCELLED), ("DC", "CA", S.DISCONTINUED), ("SC", "CM", S.COMPLETED), ("XO", "CM", S.COMPLETED)],
)
def test_the_order_control_moves_order_and_steps(
    hospital: Hospital, control: str, status: str, expected: StepStatus
) -> None:
    hospital.hears(order("A100"), order("A100", control=control, status=status))
    assert statuses(hospital) == [expected, expected]


@pytest.mark.parametrize(("control", "status"), [("CA", "CA"), ("OC", "CA"), ("DC", "CA"), ("DC", "")])
def test_a_cancel_without_an_obr_ends_the_order_that_is_known(hospital: Hospital, control: str, status: str) -> None:
    hospital.hears(order("A100"), cancel("A100", control=control, status=status))
    found = hospital.order("A100")
    assert found.status in (S.CANCELLED, S.DISCONTINUED)
    assert [step.status for step in found.steps] == [found.status]
    assert found.steps[0].start == "2026-11-22T14:30:00"
    assert hospital.orders("F-A100") == []


def test_a_number_that_only_repeats_the_fillers_is_still_an_accession_number_of_its_own(hospital: Hospital) -> None:
    first = message(msh("ORM^O01"), pid(), orc("A1", filler="F1"), obr("", filler="F1"))
    second = message(msh("ORM^O01"), pid(), orc("A1", "XO", "SC", filler="F1"), obr("A100", filler="F1"))
    hospital.hears(first)
    assert hospital.order("F1").sources["accession_number"] == "OBR-3.1"
    hospital.hears(second)
    assert hospital.orders("F1") == []
    assert hospital.order("A100").filler_order_number == "F1"


def test_an_update_keeps_what_it_does_not_say(hospital: Hospital) -> None:
    hospital.hears(order("A100", alerts="PACEMAKER"), cancel("A100"))
    found = hospital.order("A100")
    assert found.medical_alerts == "PACEMAKER"
    assert found.visit.patient_class == "O"
    assert found.requested_procedure_description


def test_an_unknown_order_control_leaves_the_order_as_it_was(hospital: Hospital) -> None:
    hospital.hears(order("A100"), cancel("A100"), order("A100", control="ZZ", status="ZZ"))
    assert statuses(hospital) == [S.CANCELLED, S.CANCELLED]
    assert "unknown order control" in hospital.journal()[-1].reason


def test_an_order_without_a_step_says_so(hospital: Hospital) -> None:
    hospital.hears(message(msh("ORM^O01"), pid(), orc("A100")))
    assert "no worklist" in hospital.journal()[-1].reason


@on_both
def test_equal_numbers_of_two_systems_on_two_patients_are_two_orders_and_a_collision(hospital: Hospital) -> None:
    hospital.hears(order("A100", sender="RIS1"))
    hospital.hears(order("A100", pid("2000002", "BAUER^KARL", "19851224", "M"), sender="RIS2"))
    first, second = hospital.orders("A100")
    assert first.person_id != second.person_id
    assert str(first.patient.name) == "FISCHER^ANNA"
    case = hospital.case(CaseKind.ACCESSION_COLLISION)
    assert case.finding.evidence["orders"] == [first.id, second.id]
    hospital.hears(cancel("A100", patient="PID|1||2000002^^^HOSP"))
    assert hospital.cases() == []


def test_a_collision_ends_when_one_of_the_orders_gets_another_accession_number(hospital: Hospital) -> None:
    karl = pid("2000002", "BAUER^KARL", "19851224", "M")
    hospital.hears(order("A100"), order("A100", karl, placer="P2", filler="F2"))
    assert hospital.kinds() == ["accession_collision"]
    hospital.hears(order("A555", karl, control="XO", status="SC", placer="P2", filler="F2"))
    assert hospital.cases() == []


def test_an_exchange_corrects_the_accession_number_of_the_same_order(hospital: Hospital) -> None:
    hospital.hears(order("A100", placer="P1", filler="F1"))
    before = hospital.order("A100").id
    hospital.hears(order("A101", control="XO", status="SC", placer="P1", filler="F1"))
    assert hospital.order("A101").id == before
    assert hospital.orders("A100") == []


def test_the_studies_uid_that_an_order_took_over_survives_an_exchange(hospital: Hospital) -> None:
    hospital.hears(order("A100", uid="1.9.9"))
    hospital.sees(study("1.2.3", "A1000"))
    hospital.corrects("link")
    assert hospital.order("A100").study_instance_uid == "1.2.3"
    hospital.hears(order("A100", control="XO", status="SC", uid="1.9.9"))
    found = hospital.order("A100")
    assert (found.study_instance_uid, found.sources["study_instance_uid"]) == ("1.2.3", TAKEN_OVER)


def test_a_final_report_completes_its_order(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100", "P"))
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED]
    hospital.hears(report("A100", "F"))
    assert statuses(hospital) == [S.COMPLETED, S.COMPLETED]


def test_a_report_does_not_bring_a_cancelled_order_back(hospital: Hospital) -> None:
    hospital.hears(order("A100"), cancel("A100"), report("A100", "F"))
    assert statuses(hospital) == [S.CANCELLED, S.CANCELLED]


def test_a_report_on_another_patient_completes_nobodys_order(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100", "F", pid("7777777", "STRANGER^NO")))
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED]
    assert "no order is known" in hospital.journal()[-1].reason


@on_both
def test_several_requests_of_one_accession_are_steps_of_one_order(hospital: Hospital) -> None:
    hospital.hears(order("A100", steps="3"))
    assert len(hospital.order("A100").steps) == 3


def test_a_step_that_an_exchange_leaves_out_is_cancelled(hospital: Hospital) -> None:
    hospital.hears(order("A100", steps="2"), order("A100", control="XO", status="SC"))
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED, S.CANCELLED]


def test_an_imaging_order_is_updated_by_the_filler_number_of_an_orm(hospital: Hospital) -> None:
    hospital.hears(imaging_order("A100", "1.2.3"), cancel("A100"))
    assert statuses(hospital) == [S.CANCELLED, S.CANCELLED]


def test_an_order_first_heard_with_its_placer_number_only_is_one_order(hospital: Hospital) -> None:
    first = message(msh("ORM^O01", sender="EHR"), pid(), "ORC|NW|P1", "OBR|1|P1||CTCHEST^CT chest^L")
    hospital.hears(first, order("A100", placer="P1", filler="F1"))
    assert hospital.order("A100").id == 1
    assert hospital.orders("") == []


def test_an_order_that_contradicts_its_patient_is_flagged(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A100", pid(name="BAUER^KARL", born="19851224", sex="M")))
    assert "identity_conflict" in hospital.order("A100").flags
    assert str(hospital.person().demographics.name) == "FISCHER^ANNA"


# -- control codes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("control", "status", "expected"),
    [
        ("SC", "IP", S.STARTED),
        ("HD", "", S.HELD),
        ("SC", "HD", S.HELD),
        ("SC", "", S.SCHEDULED),
        ("UC", "", S.SCHEDULED),
    ],
)
def test_control_and_status_move_a_known_order_or_leave_it(
    hospital: Hospital, control: str, status: str, expected: StepStatus
) -> None:
    hospital.hears(order("A100"), order("A100", control=control, status=status))
    assert statuses(hospital) == [expected, expected]


@on_both
def test_a_held_order_is_off_the_worklist_until_it_is_released(hospital: Hospital) -> None:
    hospital.hears(order("A100"), cancel("A100", control="HD", status="HD"))
    assert hospital.worklist() == []
    hospital.hears(cancel("A100", control="RL", status=""))
    assert hospital.worklist() == ["A100"]


@on_both
def test_a_replaced_order_is_cancelled_and_the_replacement_scheduled(hospital: Hospital) -> None:
    hospital.hears(order("A100", placer="P1", filler="F1"))
    hospital.hears(
        message(
            msh("ORM^O01"), pid(), orc("", "RP", placer="P1", filler="F1"), obr("A100", placer="P1", filler="F1"),
            orc("", "RO", "SC", placer="P2", filler="F2"), obr("A200", placer="P2", filler="F2"),
        )
    )  # fmt: skip
    assert statuses(hospital) == [S.CANCELLED, S.CANCELLED]
    assert "replaced" in hospital.order("A100").flags
    assert statuses(hospital, "A200") == [S.SCHEDULED, S.SCHEDULED]


@on_both
def test_an_order_of_the_fillers_own_gets_its_placer_number_when_that_is_assigned(hospital: Hospital) -> None:
    bare = ["OBR", "1", "", "F1", "CTCHEST^CT chest^L", *[""] * 13, "A100", "", "S1", "", "", "", "CT"]
    asks = message(msh("ORM^O01"), pid(), "ORC|SN||F1^RIS||SC", "|".join(bare))
    hospital.hears(asks)
    assert hospital.order().flags == ("number_wanted", "no_start")
    assert "asked for an order number" in hospital.journal()[-1].reason
    hospital.hears(message(msh("ORM^O01", sender="EHR"), pid(), "ORC|NA|P1^EHR|F1^RIS"))
    found = hospital.order()
    assert (found.placer_order_number, found.flags) == ("P1", ("no_start",))
    assert len(found.steps) == 1


def test_an_update_deletes_what_is_sent_as_two_quotes(hospital: Hospital) -> None:
    hospital.hears(order("A100", alerts="PACEMAKER"), order("A100", control="XO", status="SC"))
    assert hospital.order().medical_alerts == "PACEMAKER"
    hospital.hears(order("A100", control="XO", status="SC", alerts='""'))
    assert hospital.order().medical_alerts == ""


def test_a_number_that_an_order_shares_is_told_apart_by_its_authority(hospital: Hospital) -> None:
    def placed(authority: str, accession: str) -> bytes:
        request = obr(accession, placer=f"77^{authority}", filler=f"F-{accession}")
        return message(msh("ORM^O01"), pid(), orc(accession, placer=f"77^{authority}"), request)

    hospital.hears(placed("ER", "A1"), placed("WARD", "A2"))
    again = message(msh("ORM^O01", sender="EHR"), pid(), "ORC|CA|77^WARD||")
    hospital.hears(again)
    assert (statuses(hospital, "A1"), statuses(hospital, "A2")) == ([S.SCHEDULED] * 2, [S.CANCELLED] * 2)


# -- two hops ---------------------------------------------------------------------------------------------------------


def placers_word(control: str = "NW", status: str = "", patient: str = "") -> bytes:
    request = "OBR|1|P1^EHR||CTCHEST^CT chest^L"
    return message(msh("ORM^O01", sender="EHR"), patient or pid(), f"ORC|{control}|P1^EHR|||{status}", request)


@on_both
def test_two_hops_of_an_order_are_one_order_whatever_the_placer_repeats(hospital: Hospital) -> None:
    hospital.hears(placers_word())
    hospital.hears(order("A100", placer="P1^EHR", filler="F1", steps="2"))
    found = hospital.order()
    assert (found.id, len(found.steps)) == (1, 2)
    for control in ("XO", "SC", "NW"):
        hospital.hears(placers_word(control))
        assert hospital.order() == replace(found, control=control, flags=hospital.order().flags)
        assert hospital.orders("") == []
    hospital.hears(placers_word("CA", "CA"))
    assert statuses(hospital) == [S.CANCELLED] * 3


def test_the_placers_cancel_ends_every_order_that_was_made_of_it(hospital: Hospital) -> None:
    hospital.hears(placers_word())
    hospital.hears(order("A100", placer="P1", filler="F1"), order("A101", placer="P1", filler="F2"))
    hospital.hears(placers_word("CA", "CA"))
    assert statuses(hospital, "A100") == statuses(hospital, "A101") == [S.CANCELLED, S.CANCELLED]


def test_the_second_hop_may_name_the_patient_by_another_number(hospital: Hospital) -> None:
    both = "PID|1||1000001^^^HOSP~R77^^^RIS||FISCHER^ANNA||19600517|F"
    hospital.hears(placers_word(patient=both))
    hospital.hears(order("A100", pid("R77", issuer="RIS"), placer="P1", filler="F1"))
    assert hospital.order().id == 1


def test_a_cancel_of_one_request_leaves_the_others_of_its_accession_number(hospital: Hospital) -> None:
    first = (orc(placer="P1", filler="F1"), obr(placer="P1", filler="F1"))
    second = (orc(placer="P2", filler="F2"), obr(number=2, placer="P2", filler="F2"))
    hospital.hears(message(msh("ORM^O01"), pid(), *first, *second))
    hospital.hears(message(msh("ORM^O01"), pid(), orc(control="CA", status="CA", placer="P2", filler="F2")))
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED, S.CANCELLED]
    assert hospital.orders("F2") == []


def of_requests(*which: int, control: str = "NW", status: str = "", steps: bool = True, with_obr: bool = True) -> bytes:
    """Requests of one accession number, each with order numbers of its own."""
    found = []
    for n in which:
        numbers = {"placer": f"P{n}", "filler": f"F{n}"}
        request = obr(number=n, **numbers).replace(f"|S-A100-{n}|", f"|S-A100-{n}|" if steps else "||")
        found += [orc(control=control, status=status, **numbers), *([request] if with_obr else [])]
    return message(msh("ORM^O01"), pid(), *found)


@pytest.mark.parametrize("steps", [True, False])
@pytest.mark.parametrize(
    ("control", "status", "now"),
    [("CA", "CA", S.CANCELLED), ("DC", "DC", S.DISCONTINUED), ("SC", "CM", S.COMPLETED), ("XO", "SC", S.SCHEDULED)],
)
@pytest.mark.parametrize("with_obr", [True, False])
def test_a_message_about_the_first_request_leaves_the_others_of_its_accession_number(
    hospital: Hospital, control: str, status: str, now: StepStatus, steps: bool, with_obr: bool
) -> None:
    hospital.hears(of_requests(1, 2, steps=steps))
    hospital.hears(of_requests(1, control=control, status=status, steps=steps, with_obr=with_obr))
    assert statuses(hospital) == [S.SCHEDULED, now, S.SCHEDULED]
    hospital.hears(of_requests(2, control=control, status=status, steps=steps, with_obr=with_obr))
    assert statuses(hospital) == [now, now, now]


def test_a_message_about_some_of_three_requests_moves_these(hospital: Hospital) -> None:
    hospital.hears(of_requests(1, 2, 3), of_requests(2, 3, control="CA", status="CA"))
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED, S.CANCELLED, S.CANCELLED]
    hospital.hears(of_requests(1, 2, 3, control="CA", status="CA"))
    assert statuses(hospital) == [S.CANCELLED] * 4


def test_a_second_message_for_another_step_adds_it(hospital: Hospital) -> None:
    for number in (1, 2):
        numbers = {"placer": "P1", "filler": "F1"}
        hospital.hears(message(msh("ORM^O01"), pid(), orc(**numbers), obr(number=number, **numbers)))
    assert statuses(hospital) == [S.SCHEDULED] * 3


def test_an_old_message_type_without_an_event_is_an_order(hospital: Hospital) -> None:
    hospital.hears(message(msh("ORM", version="2.1"), pid(), orc(), obr()))
    assert statuses(hospital) == [S.SCHEDULED] * 2


# -- any sequence -----------------------------------------------------------------------------------------------------

_CONTROLS = [*CONTROLS, "UA", "UC", "DE", "RP", "ZZ", ""]
_STATUSES = ["", "SC", "IP", "CM", "A", "CA", "DC", "HD", "RP", "ER", "ZZ"]
_said = st.tuples(
    st.sampled_from(_CONTROLS), st.sampled_from(_STATUSES), st.sampled_from(["RIS", "EHR"]), st.integers(0, 3),
    st.sampled_from(["", "A100"]),
)  # fmt: skip


def _spoken(control: str, status: str, sender: str, steps: int, accession: str) -> bytes:
    numbers = {"placer": "P1", "filler": "F1" if sender == "RIS" else ""}
    head = f"ORC|{control}|P1|{numbers['filler']}||{status}"
    requests = [obr(accession, number=at + 1, sps=f"S{at}" if accession else " ", placer="P1") for at in range(steps)]
    return message(msh("ORM^O01", sender=sender), pid(), head, *requests)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_said, min_size=2, max_size=6))
def test_no_sequence_of_controls_breaks_or_loses_a_step(hospital: Hospital, said: list[Any]) -> None:
    known: dict[int, int] = {}
    for one in said:
        (taken,) = hospital.takes(_spoken(*one))
        assert "could not be applied" not in taken.reason
        with hospital.store.reading() as conn:
            for found in orders.load_many(conn, range(1, 200)):
                assert len(found.steps) >= known.get(found.id, 0)
                known[found.id] = len(found.steps)


def two_patients(*, same: str = "A1", other: str = "A2") -> bytes:
    """One ORM with an order of each of two patients, as some engines batch them."""
    return message(
        msh("ORM^O01"), pid("1000001"), "PV1|1|O|CT", orc(same), obr(same),
        pid("1000002", "KOCH^URS", "19700101", "M"), "PV1|1|I|W7", orc(other), obr(other),
    )  # fmt: skip


@on_both
def test_orders_of_two_patients_in_one_message_are_each_ones_own(hospital: Hospital) -> None:
    hospital.hears(two_patients())
    assert hospital.order("A1").person_id == hospital.person("1000001").id
    urs = hospital.order("A2")
    assert urs.person_id == hospital.person("1000002").id
    assert (urs.patient.patient_id.value, str(urs.patient.name), urs.visit.location) == ("1000002", "KOCH^URS", "W7")


def test_two_patients_with_one_number_for_both_orders_have_two_orders(hospital: Hospital) -> None:
    hospital.hears(two_patients(same="A1", other="A1"))
    assert {one.patient.patient_id.value for one in hospital.orders("A1")} == {"1000001", "1000002"}


def test_one_patient_named_before_each_order_has_one_order_of_two_steps(hospital: Hospital) -> None:
    hospital.hears(message(msh("ORM^O01"), pid(), orc(), obr(number=1), pid(), orc(), obr(number=2)))
    assert len(hospital.order("A100").steps) == 2


def test_results_from_before_that_come_with_an_order_make_none(hospital: Hospital) -> None:
    prior = ("PID|1||77^^^ELSEWHERE||FISCHER^ANNA", "PV1|1|O|OLD", obr("A0"), "OBX|1|TX|R||Old.||||||F")
    hospital.hears(message(msh("OMG^O19^OMG_O19"), pid(), orc(), obr(), *prior, orc("A200"), obr("A200")))
    assert hospital.worklist() == ["A100", "A200"]
    assert len(hospital.order("A100").steps) == 1


@pytest.mark.parametrize("status", ["SC", "IP", "Canceled"])
def test_a_cancel_counts_whatever_state_of_before_it_names(hospital: Hospital, status: str) -> None:
    hospital.hears(order("A100"), cancel("A100", status=status))
    assert statuses(hospital) == [S.CANCELLED, S.CANCELLED]
    assert hospital.worklist() == []


@pytest.mark.parametrize("uid", ["1", "N/A", "1.2.3.", "A.1", "1.2." + "3" * 64])
def test_what_is_no_study_uid_is_shared_by_no_two_orders(hospital: Hospital, uid: str) -> None:
    """A set id in ZDS-1, say: on the worklist it would make one study of many patients' images."""
    (taken,) = hospital.takes(order("A100", uid=uid))
    hospital.takes(order("A200", pid("1000002", "KOCH^URS", "19700101", "M"), uid=uid))
    one, other = hospital.order("A100"), hospital.order("A200")
    assert one.study_instance_uid != other.study_instance_uid
    assert {each.study_instance_uid[:5] for each in (one, other)} == {"2.25."}
    assert "bad_study_uid" in one.flags
    assert taken.ack_code == "AA"


def test_an_update_with_no_study_uid_keeps_the_one_that_is_known(hospital: Hospital) -> None:
    hospital.hears(order("A100", uid="1.2.3"), order("A100", control="XO", status="SC", uid="N/A"))
    assert hospital.order("A100").study_instance_uid == "1.2.3"


def test_of_two_places_the_one_with_a_uid_counts(hospital: Hospital) -> None:
    hospital.hears(imaging_order("A100", "N/A") + b"ZDS|1.2.3\r")
    assert (hospital.order("A100").study_instance_uid, hospital.order("A100").flags) == ("1.2.3", ())


def of_one_placer(control: str, status: str, *numbers: tuple[str, str]) -> bytes:
    """Requests (accession, filler number) of the placer order P1."""
    requests = [
        segment
        for accession, filler in numbers
        for segment in (
            f"ORC|{control}|P1|{filler}||{status}",
            f"OBR|1|P1|{filler}|CT^CT^L||||||||||||||{accession}||S{filler or accession}||||CT|||^^^20261122143000",
        )
    ]
    return message(msh("ORM^O01"), pid(), *requests)


@on_both
@pytest.mark.parametrize("accessions", [("A1", "A2"), ("", "")])
@pytest.mark.parametrize(("control", "status"), [("NW", ""), ("XO", "SC"), ("SC", "SC")])
def test_a_second_order_of_the_filler_under_one_placer_number_takes_nothing_from_the_first(
    hospital: Hospital, accessions: tuple[str, str], control: str, status: str
) -> None:
    """Also where the accession number is the filler's, and stands nowhere else."""
    first, second = accessions
    hospital.hears(of_one_placer("NW", "", (first, "F1")), of_one_placer(control, status, (second, "F2")))
    assert hospital.worklist() == [first or "F1", second or "F2"]
    hospital.hears(of_one_placer("CA", "CA", (second, "F2")))
    assert hospital.worklist() == [first or "F1"]


def test_a_cancel_of_an_order_never_heard_of_ends_no_other_one_of_its_placer(hospital: Hospital) -> None:
    hospital.hears(of_one_placer("NW", "", ("A1", "F1")), of_one_placer("CA", "CA", ("A2", "F2")))
    assert hospital.worklist() == ["A1"]


@pytest.mark.parametrize("fillers", [("F1", "F2"), ("", "")])
def test_an_examination_added_in_one_message_is_an_order_beside_the_first(
    hospital: Hospital, fillers: tuple[str, str]
) -> None:
    hospital.hears(of_one_placer("NW", "", ("A1", fillers[0])))
    hospital.hears(of_one_placer("XO", "SC", ("A1", fillers[0]), ("A2", fillers[1])))
    assert hospital.worklist() == ["A1", "A2"]


def test_an_accession_number_is_still_corrected_under_the_fillers_own_number(hospital: Hospital) -> None:
    hospital.hears(of_one_placer("NW", "", ("A1", "F1")), of_one_placer("XO", "SC", ("A2", "F1")))
    assert hospital.worklist() == ["A2"]
