from __future__ import annotations

import pytest
import sqlalchemy as sa

from radrecon.model.errors import Trouble
from radrecon.store import persons
from radrecon.store import tables as t
from radrecon.store.database import Connection, Store
from radrecon.store.filters import Searchable, begins, conditions, folded, is_one_of, of_person
from radrecon.store.query_text import fold
from tests.builders import NOW, demographics

P = t.person.c
SEARCH = Searchable(
    "patients", {"patient_name": (P.patient_name,), "patient_sex": (P.patient_sex,)}, {"patient_id": of_person(P.id)}
)
NAMES = ("FISCHER^ANNA", "Müller^Jürgen", "O'Brien^Sean", "Straße^Otto", "100%^A_B", "山田^太郎", "ŁUKASIK^Ægir")


@pytest.fixture
def people(store: Store) -> Store:
    with store.transaction() as conn:
        for number, name in enumerate(NAMES, 1):
            persons.insert(conn, demographics(f"000{number}", name, sex="F" if number == 1 else "M"))
    return store


def names(conn: Connection, query: str) -> list[str]:
    found = conn.execute(sa.select(P.patient_name).where(*conditions(query, SEARCH, NOW)).order_by(P.id))
    return list(found.scalars())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", list(NAMES)),
        ("fischer", ["FISCHER^ANNA"]),
        ("name:fischer", ["FISCHER^ANNA"]),
        ('"fischer anna"', ["FISCHER^ANNA"]),
        ("anna fischer", ["FISCHER^ANNA"]),
        ("anna miller", []),
        ("MULLER", ["Müller^Jürgen"]),
        ("müller jurgen", ["Müller^Jürgen"]),
        ("strasse", ["Straße^Otto"]),
        ("山田", ["山田^太郎"]),
        ("lukasik", ["ŁUKASIK^Ægir"]),
        ("name:łukasik^aegir", ["ŁUKASIK^Ægir"]),
        ("100%", ["100%^A_B"]),
        ("a_b", ["100%^A_B"]),
        ("name:f*", ["FISCHER^ANNA"]),
        ("name:?ischer*", ["FISCHER^ANNA"]),
        ("name:ischer*", []),
        ("sex:F", ["FISCHER^ANNA"]),
        ("-sex:M", ["FISCHER^ANNA"]),
        ("mrn:3", ["O'Brien^Sean"]),
        ("mrn:0003 o'brien", ["O'Brien^Sean"]),
        ("mrn:00", []),
        ("'; DROP TABLE person; --", []),
        ("' OR '1'='1", []),
    ],
)
def test_every_term_must_hold(people: Store, query: str, expected: list[str]) -> None:
    with people.reading() as conn:
        assert names(conn, query) == expected
        assert len(names(conn, "")) == len(NAMES)


@pytest.mark.parametrize("text", [*NAMES, "DE LA CRUZ, María", "Nguyễn^Ánh", "Đặng^Ðuro Łucja ØRSTED œÆþı İı ẞ", ""])
def test_the_database_folds_as_the_program_does(store: Store, text: str) -> None:
    with store.reading() as conn:
        assert conn.execute(sa.select(folded(sa.literal(text)))).scalar() == fold(text)


@pytest.mark.parametrize(("value", "found"), [("do", True), ("doe", True), ("oe", False), ("doé", False), ("", True)])
def test_begins_is_about_the_beginning(store: Store, value: str, found: bool) -> None:
    with store.reading() as conn:
        assert bool(conn.execute(sa.select(begins(sa.literal("doe"), sa.literal(value)))).scalar()) is found


def test_what_a_list_cannot_be_searched_by_is_said_with_what_it_can(people: Store) -> None:
    with pytest.raises(Trouble, match=r"patients cannot be searched by modality \(known: .*mrn"):
        conditions("modality:CT", SEARCH, NOW)
    with pytest.raises(Trouble, match="by age"):
        conditions("age>2h", SEARCH, NOW)


def test_a_whole_value_is_compared_in_a_way_that_an_index_can_answer(store: Store) -> None:
    text = str(is_one_of(t.study.c.accession_number)("a1").compile(compile_kwargs={"literal_binds": True}))
    assert text == "study.accession_number IN ('A1', 'a1')"
