"""Request Attributes Sequence (0040,0275) of an order: one item per scheduled procedure step (PS3.3 10.6)."""

from __future__ import annotations

from radrecon.model.order import Order, Step


def request_attributes(order: Order, study_instance_uid: str) -> tuple[dict[str, str], ...]:
    """Items with the values that the order has; an order without steps still names its requested procedure."""
    return tuple(_item(order, step, study_instance_uid) for step in order.steps or (Step(),))


def _item(order: Order, step: Step, study_instance_uid: str) -> dict[str, str]:
    values = {
        "AccessionNumber": order.accession_number,
        "StudyInstanceUID": study_instance_uid,
        "RequestedProcedureID": order.requested_procedure_id,
        "RequestedProcedureDescription": order.requested_procedure_description,
        "ScheduledProcedureStepID": step.scheduled_procedure_step_id,
        "ScheduledProcedureStepDescription": step.description,
    }
    return {keyword: text for keyword, text in values.items() if text}
