from __future__ import annotations

import pytest

from radrecon.model.visit import ACCOUNT, Encounter
from radrecon.recon.visits import after


def told(*events: str, start: str = "") -> list[str]:
    visit, found = Encounter(number="V1", state=start), []
    for event in events:
        visit = after(visit, event, Encounter(number="V1"))
        found.append(visit.state)
    return found


@pytest.mark.parametrize(
    ("events", "states"),
    [
        (("A05", "A01", "A03"), ["preadmitted", "admitted", "discharged"]),
        (("A05", "A01", "A11"), ["preadmitted", "admitted", "preadmitted"]),
        (("A05", "A01", "A11", "A38"), ["preadmitted", "admitted", "preadmitted", "cancelled"]),
        (("A01", "A11"), ["admitted", "cancelled"]),
        (("A01", "A11", "A01", "A11"), ["admitted", "cancelled", "admitted", "cancelled"]),
        (("A04", "A06", "A07"), ["registered", "admitted", "registered"]),
        (("A04", "A03", "A13"), ["registered", "discharged", "registered"]),
        (("A01", "A13"), ["admitted", "admitted"]),
        (("A13",), ["admitted"]),
        (("A11",), ["cancelled"]),
        (("A08", "A02", "A17"), ["", "", ""]),
        (("A01", "A23", "A01"), ["admitted", "deleted", "admitted"]),
    ],
)
def test_states(events: tuple[str, ...], states: list[str]) -> None:
    assert told(*events) == states


def test_a_discharge_said_twice_can_still_be_taken_back() -> None:
    assert told("A01", "A03", "A03", "A13")[-1] == "admitted"


def test_a_cancelled_transfer_takes_the_place_that_it_names_else_the_former() -> None:
    moved = after(Encounter(number="V1", location="W1"), "A02", Encounter(number="V1", location="ICU"))
    assert (moved.location, moved.former_location) == ("ICU", "W1")
    assert after(moved, "A12", Encounter(number="V1")).location == "W1"
    assert after(moved, "A12", Encounter(number="V1", location="W2")).location == "W2"


def test_empty_leaves_alone_and_null_deletes() -> None:
    known = Encounter(number="V1", location="W1", patient_class="I")
    assert after(known, "A08", Encounter(number="V1")) == known
    emptied = after(known, "A08", Encounter(number="V1"), {"location", "patient_class"})
    assert (emptied.location, emptied.patient_class) == ("", "")


def test_an_account_goes_on_through_all_its_visits() -> None:
    account = Encounter(ACCOUNT, "ACC1")
    for event in ("A01", "A03", "A11"):
        assert after(account, event, account) == account
