from __future__ import annotations

from radrecon.store import journal, merges, persons, spoken_of
from radrecon.store.database import Connection, Store
from radrecon.store.spoken_of import Named
from tests.builders import NOW, demographics


def hear(conn: Connection) -> int:
    return journal.add(conn, journal.Entry("in", NOW, b"MSH", sending_application="HIS", message_type="ADT^A40"))


def test_a_merged_number_was_the_losers_until_then(store: Store) -> None:
    with store.transaction() as conn:
        one, two, three = (persons.insert(conn, demographics(number)) for number in ("1", "2", "3"))
        first = hear(conn)
        merges.merge(conn, two, one, at=NOW, message_id=first)
        second = hear(conn)
        merges.merge(conn, three, two, at=NOW)  # by hand: no message
        found = spoken_of.numbers(conn, [one, two, three])
    assert found[one] == (Named("1", "1", until=first),)
    assert found[two] == (Named("1", "1", first, second), Named("2", "2", until=second))
    assert found[three] == (Named("1", "1", second), Named("2", "2", second), Named("3", "3"))
    assert spoken_of.normals_at(found[two], second) == {"1", "2"}
    assert spoken_of.normals_at(found[two], first) == {"2"}
