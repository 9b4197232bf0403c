from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from radrecon.store import decisions
from radrecon.store.database import Store
from tests.store.test_decisions import decision
from tests.unit.cli.conftest import Radrecon


@pytest.fixture
def number(store: Store) -> int:
    now = datetime.now(UTC)
    with store.transaction() as conn:
        return decisions.save(conn, decision(at=now, expires_at=now + timedelta(days=14)))


def test_decisions_are_listed_with_who_when_scope_and_until_when(radrecon: Radrecon, number: int) -> None:
    (row,) = radrecon("decisions", "--json").json
    assert (row["id"], row["who"], row["scope"], row["state"], row["used"]) == (
        number,
        "ann",
        "accession",
        "standing",
        0,
    )
    assert "ann" in radrecon("decisions").out


def test_one_is_revoked_with_a_reason(radrecon: Radrecon, number: int) -> None:
    said = radrecon("decisions", "revoke", str(number), "--reason", "was another exam")
    assert (said.code, said.err) == (0, "")
    assert radrecon("decisions", "--json").json == []
    (row,) = radrecon("decisions", "--all", "--json").json
    assert (row["state"], row["revoke_reason"]) == ("revoked", "was another exam")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["revoke"], "name the id of a decision"),
        (["revoke", "99", "--reason", "x"], "no decision 99"),
        (["revoke", "1"], "revoking a decision needs a reason"),
    ],
)
def test_a_mistake_is_one_line(radrecon: Radrecon, store: Store, line: list[str], words: str) -> None:
    said = radrecon("decisions", *line)
    assert said.code == 1
    assert words in said.err
    assert said.err.count("\n") == 1


def test_none_is_a_sentence(radrecon: Radrecon, store: Store) -> None:
    assert radrecon("decisions").out == "No decision stands.\n"
