from __future__ import annotations

from radrecon.hl7v2.order_joining import joined
from radrecon.model.order import Order, OrderRequest, StepStatus
from tests.builders import step


def request(accession: str, placer: str, sps: str, **more: object) -> OrderRequest:
    one = step(sps=sps)
    return OrderRequest(Order(accession, placer_order_number=placer, steps=(one,), **more))  # type: ignore[arg-type]


def test_requests_of_one_accession_are_one_order_and_its_steps_keep_their_numbers() -> None:
    (one,) = joined([request("A1", "P1", "S1"), request("A1", "P2", "S2")])
    assert [each.scheduled_procedure_step_id for each in one.order.steps] == ["S1", "S2"]
    assert [each.placer_order_number for each in one.order.steps] == ["", "P2"]
    assert one.order.placer_order_number == "P1"


def test_other_accessions_kinds_and_what_has_no_number_stay_apart() -> None:
    assert len(joined([request("A1", "P1", "S1"), request("A2", "P1", "S2")])) == 2
    assert len(joined([request("A1", "P1", "S1", control="RP"), request("A1", "P1", "S2", control="RO")])) == 2
    assert len(joined([request("", "", "S1"), request("", "", "S2")])) == 2


def test_an_order_with_one_step_to_be_done_is_to_be_done() -> None:
    done, open_ = StepStatus.COMPLETED, StepStatus.SCHEDULED
    (one,) = joined([request("A1", "P1", "S1", status=done), request("A1", "P1", "S2", status=open_)])
    assert one.order.status is open_
