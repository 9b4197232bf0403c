from __future__ import annotations

from radrecon.cli.lists import quoted
from radrecon.config import Config
from radrecon.store.database import Store
from radrecon.store.text_index import open_index
from radrecon.workflow import text_indexing
from tests.store.hospital import Hospital
from tests.unit.cli.conftest import Radrecon


def index(store: Store) -> None:
    with open_index(store) as texts:
        text_indexing.index_some(store, texts, Config())


def test_words_and_query_are_the_same(radrecon: Radrecon, hospital: Hospital) -> None:
    for line in (["mrn:1"], ["--query", "mrn:1"], ["Müller", "--query", "mrn:1"]):
        assert [row["id"] for row in radrecon("messages", *line, "--json").json] == [1]


def test_free_text_shows_what_was_found_and_how_far_it_was_looked_for(radrecon: Radrecon, hospital: Hospital) -> None:
    index(hospital.store)
    said = radrecon("messages", "text:rztin", "--json")
    assert [row["id"] for row in said.json] == [2]
    assert said.json[0]["found"].endswith("rztin")
    assert said.err == "radrecon: indexed up to message 3 of 3\n"
    heading, row = radrecon("messages", "text:ller").out.splitlines()
    assert heading.split()[-1] == "FOUND"
    assert row.startswith("1 ")


def test_a_word_of_several_is_a_phrase_again() -> None:
    assert quoted("no acute effusion") == '"no acute effusion"'
    assert [quoted(word) for word in ("fischer", "mrn:12 name:x", 'text:"a b"')] == [
        "fischer", "mrn:12 name:x", 'text:"a b"',
    ]  # fmt: skip
