from __future__ import annotations

import sqlalchemy as sa

from radrecon.model.rule import NamesCounted
from radrecon.store import name_counts
from radrecon.store import tables as t
from radrecon.store.database import Store
from tests.builders import NOW

NAMES = (
    "MEYER^ANNA MARIA",
    "Meyer^ANNA^B",
    "MEYER",
    "YAMADA^TARO=\u5c71\u7530^\u592a\u90ce",
    "YAMADA^ANNA=X^Y",
    "ONE^ONLY",
    "",
    "^^",
)


def fill(store: Store) -> None:
    with store.transaction() as conn:
        for name in NAMES:
            conn.execute(t.person.insert().values(patient_name=name))
        conn.execute(t.person.insert().values(patient_name="MEYER^GONE", merged_into=1))


def test_the_commonest_names_are_counted_without_those_merged_away(store: Store) -> None:
    fill(store)
    with store.reading() as conn:
        found = name_counts.count(conn, NOW)
        assert found == NamesCounted(NOW, len(NAMES), {"MEYER": 3, "YAMADA": 2}, {"ANNA": 3})
        assert name_counts.count(conn, NOW, most=1).families == {"MEYER": 3}


def test_only_the_last_count_is_kept(store: Store) -> None:
    with store.transaction() as conn:
        assert name_counts.latest(conn) is name_counts.stamp(conn) is None
        for counted in (NamesCounted(NOW, 5, {"A": 2}, {}), NamesCounted(NOW, 6, {"A": 3}, {"B": 2})):
            name_counts.save(conn, counted)
        assert name_counts.latest(conn) == counted
        assert name_counts.stamp(conn) == (2, NOW)
        assert conn.execute(sa.select(sa.func.count()).select_from(t.name_count)).scalar_one() == 1
