"""Several requests of one message that are one order: those of one accession (placer, filler) number."""

from __future__ import annotations

from dataclasses import replace

from radrecon.model.order import Order, OrderRequest, Step, StepStatus


def joined(requests: list[OrderRequest]) -> list[OrderRequest]:
    """Orders of one accession (placer, filler) number become one with all their steps."""
    if len(requests) == 1:
        return requests
    found: dict[tuple[str, ...], OrderRequest] = {}
    for at, request in enumerate(requests):
        key = _key(request.order) or ("", str(at))
        found[key] = _with_steps_of(found[key], request) if key in found else request
    return list(found.values())


def _key(order: Order) -> tuple[str, ...] | None:
    """Requests of another kind (an order and what replaces it) stay apart, and those of another patient."""
    for name in ("accession_number", "placer_order_number", "filler_order_number"):
        if number := getattr(order, name):
            return name, number, order.issuer_of_accession, order.control, str(order.patient.patient_id)
    return None


def _with_steps_of(first: OrderRequest, second: OrderRequest) -> OrderRequest:
    one, other = first.order, second.order
    joined = replace(
        one,
        steps=one.steps + tuple(_with_own_numbers(step, one, other) for step in other.steps),
        study_instance_uid=one.study_instance_uid or other.study_instance_uid,
        status=_furthest_open(one.status, other.status),
        sources=other.sources | one.sources,
        flags=tuple(dict.fromkeys(one.flags + other.flags)),
        begun=min(filter(None, (one.begun, other.begun)), default=""),
        ended=max(one.ended, other.ended) if one.ended and other.ended else "",
    )
    return OrderRequest(
        joined,
        keeps_status=first.keeps_status and second.keeps_status,
        deletes=first.deletes & second.deletes,
        step_deletes=first.step_deletes + second.step_deletes,
    )


def _with_own_numbers(step: Step, first: Order, own: Order) -> Step:
    """A step of a request with other order numbers than the first one's keeps them."""
    placer, filler = own.placer_order_number, own.filler_order_number
    return replace(
        step,
        placer_order_number=placer if placer != first.placer_order_number else "",
        filler_order_number=filler if filler != first.filler_order_number else "",
    )


def _furthest_open(first: StepStatus, second: StepStatus) -> StepStatus:
    """An order with one step still to be done is still to be done."""
    return StepStatus.SCHEDULED if StepStatus.SCHEDULED in (first, second) else first
