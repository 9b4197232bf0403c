"""What the hospital really did: the ground truth that a run of the desk can be held against."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Injected:
    """One fault as it was made: which study, whose, and what the RIS knows it as."""

    scenario: str
    study_instance_uid: str = ""
    patient_id: str = ""
    accession_number: str = ""
    ordered_accession_number: str = ""


@dataclass
class Tally:
    """Counts so far. `steps_served` are worklist answers received, `acks` answers by MSA-1 (`none`: no answer)."""

    messages_sent: int = 0
    acks: Counter[str] = field(default_factory=Counter)
    worklist_queries: int = 0
    steps_served: int = 0
    not_on_worklist: int = 0
    studies_stored: int = 0
    images_stored: int = 0
    visits: Counter[str] = field(default_factory=Counter)
    injected: list[Injected] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    @property
    def faults(self) -> Counter[str]:
        return Counter(fault.scenario for fault in self.injected)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "acks": dict(self.acks), "visits": dict(self.visits), "faults": dict(self.faults)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        known = {name: value for name, value in values.items() if name != "faults"}
        known["acks"], known["visits"] = Counter(values["acks"]), Counter(values["visits"])
        known["injected"] = [Injected(**fault) for fault in values["injected"]]
        return cls(**known)
