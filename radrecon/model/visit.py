"""A visit or an account as the ADT feed tells of it (HL7 PV1-19, PID-18, PV1-50).

What changes a visit is told apart by its own number, not by the patient's: orders carry it as the Admission ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

VISIT, ACCOUNT, ALTERNATE = "visit", "account", "alternate"


@dataclass(frozen=True)
class Encounter:
    """`kind` is visit, account or alternate; `account` the account that a visit belongs to, as far as it was said.

    `state`: "", preadmitted, registered, admitted, discharged, cancelled, deleted, merged. What a cancel goes back to
    is `former_state` and `former_location`. `updated_at` is the sender's clock, not ours.
    """

    kind: str = VISIT
    number: str = ""
    issuer: str = ""
    account: str = ""
    patient_class: str = ""
    location: str = ""
    state: str = ""
    former_state: str = ""
    former_location: str = ""
    merged_into: int = 0
    id: int = 0
    person_id: int = 0
    updated_at: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.number)

    def is_same(self, number: str, issuer: str) -> bool:
        """Whether a number means this one: an authority that is not named contradicts nothing."""
        return self.number == number and (self.issuer == issuer or not (self.issuer and issuer))
