from __future__ import annotations

from radrecon.model.order import Order, Step
from radrecon.recon.request import request_attributes

from .people import order


def test_one_item_per_step_with_what_is_known() -> None:
    two = order(steps=(Step("S1", description="HEAD"), Step("S2")))
    assert request_attributes(two, "1.2.3") == (
        {
            "AccessionNumber": "A1042",
            "StudyInstanceUID": "1.2.3",
            "RequestedProcedureID": "RP1",
            "RequestedProcedureDescription": "CT HEAD",
            "ScheduledProcedureStepID": "S1",
            "ScheduledProcedureStepDescription": "HEAD",
        },
        {
            "AccessionNumber": "A1042",
            "StudyInstanceUID": "1.2.3",
            "RequestedProcedureID": "RP1",
            "RequestedProcedureDescription": "CT HEAD",
            "ScheduledProcedureStepID": "S2",
        },
    )


def test_an_order_without_steps_still_names_its_procedure() -> None:
    assert request_attributes(Order("A1"), "1.2.3") == ({"AccessionNumber": "A1", "StudyInstanceUID": "1.2.3"},)
