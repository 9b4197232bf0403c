from __future__ import annotations

import pytest

from radrecon.model.duplicate import PersonRecord
from radrecon.recon.survivor import propose

from .records import record


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (record(17), record(3, "FISCHER^BABY GIRL"), "no given name"),
        (record(17), record(3, "FISCHER^NEUGEBORENE 2", issuer="HOSP", orders=4), "no given name"),
        (record(17), record(3, issuer="ELSEWHERE"), "own issuer"),
        (record(17, orders=4), record(3, orders=1, studies=2), "more orders and studies"),
        (record(17), record(3, birth=""), "more complete"),
    ],
)
def test_the_better_record_is_proposed_with_its_reason(one: PersonRecord, other: PersonRecord, why: str) -> None:
    survivor, loser, reason = propose(one, other, "HOSP")
    assert (survivor, loser) == (17, 3)
    assert why in reason
    assert propose(other, one, "HOSP") == (survivor, loser, reason)


def test_of_equals_the_first_known_stays() -> None:
    assert propose(record(17), record(3))[:2] == (3, 17)
