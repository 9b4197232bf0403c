"""Why an order is not on a station's worklist."""

from __future__ import annotations

from datetime import datetime

import pytest

from radrecon.model.order import Order, Step, StepStatus
from radrecon.recon.explain import explain

NOW = datetime(2026, 11, 22, 9, 0)


def order(**step: object) -> Order:
    return Order(accession_number="A1", steps=(Step("S1", "CT", "CT2", start="2026-11-22T10:30:00", **step),))


@pytest.mark.parametrize(
    ("orders", "station", "listed", "words"),
    [
        ([], "CT2", False, "No order with accession A1 was received"),
        ([Order(accession_number="A1")], "CT2", False, "makes no scheduled step"),
        ([order()], "CT2", True, "on the list of CT2: scheduled today 10:30"),
        ([order()], "CT1", False, "it is on the list of CT2"),
        ([order(status=StepStatus.COMPLETED)], "CT2", False, "already completed"),
        ([order(status=StepStatus.CANCELLED)], "CT2", False, "cancelled"),
        ([Order(accession_number="A1", steps=(Step(start="2026-11-23T08:00:00"),))], "CT2", True, "tomorrow 08:00"),
    ],
)
def test_one_sentence_says_why(orders: list[Order], station: str, listed: bool, words: str) -> None:
    found = explain(station, "A1", orders, NOW)
    assert found.on_list is listed
    assert words in found.sentence
