"""Explaining whatever is typed; the rules one by one are in `test_worklists`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from radrecon.workflow.explaining import explain
from tests.workflow.hospital import Hospital

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("accession", ["", "  ", "A*", "x' OR 1=1", "\x00"])
def test_what_is_no_accession_number_is_an_order_that_was_not_received(hospital: Hospital, accession: str) -> None:
    found = explain(hospital.store, " CT2 ", accession.replace("\x00", ""), NOW)
    assert (found.on_list, found.rule) == (False, "Order")
