"""One order with what has come of it, for tests of what it waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from radrecon.model.person import Watch
from radrecon.recon.expectation import OrderFacts
from tests.builders import NOW, order, step

WATCH = Watch(date(2026, 11, 20), NOW, patient_id_issuer="HOSP")
START = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def facts(**more: Any) -> OrderFacts:
    """Of a plain CT at CT1; fields of the order by name, too."""
    own = OrderFacts.__dataclass_fields__
    changed = {name: more.pop(name) for name in list(more) if name not in own}
    steps, accession = changed.pop("steps", (step(),)), changed.pop("accession", "A100")
    changed = {"id": 7, "person_id": 3} | changed
    known = replace(order(accession, steps=steps), **changed)
    return OrderFacts(known, **({"heard_at": NOW} | more))
