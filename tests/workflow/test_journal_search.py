from __future__ import annotations

import pytest

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.model.errors import Trouble
from radrecon.model.rows import MessageSearch
from radrecon.store import journal
from radrecon.store.text_index import open_index, path_of
from radrecon.workflow import journal_search, text_indexing
from radrecon.workflow.journal_search import search, snippet
from tests.builders import NOW
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, message, msh, pid, report


def index(hospital: Hospital) -> int:
    with open_index(hospital.store) as texts:
        return text_indexing.index_some(hospital.store, texts, hospital.config)


def found(hospital: Hospital, query: str, limit: int = 50) -> list[int]:
    return [row.id for row in search(hospital.store, query, limit=limit).rows]


def talk(hospital: Hospital) -> None:
    hospital.takes(
        adt("A04"),
        report("A100", text="No acute effusion.\\.br\\Heart & lungs normal."),
        report("A200", text="Large EFFUSION on the left."),
        message(f"{msh('ADT^A08', sender='HIS')}||||||UNICODE UTF-8", "EVN|A08", pid("1000002", "MÜLLER^ZOË")),
        message(msh("ZZZ^Z01"), "ZXX|something odd"),
    )
    assert index(hospital) == 5


IN_THE_TEXT = [
    ("text:effusion", [3, 2]),
    ('"acute effusion"', [2]),
    ('"normal. heart"', []),
    ("text:heart text:lungs", [2]),
    ("text:effusion -text:acute", [3]),
    ("text:effusion -acc:A200", [2]),
    ("text:effusion acc:A200", [3]),
    ("text:effusion type:adt", []),
    ("text:muller", [4]),
    ('text:"müller zoe"', [4]),
    ("text:MÜLL*ZO?", [4]),
    ("text:eff*left", [3]),
    ("state:refused text:something", [5]),
    ("text:^~\\&", [5, 4, 3, 2, 1]),
    ("text:pneumonia", []),
    ("-text:effusion mrn:1000001", [1]),
    ("-text:effusion", [5, 4, 1]),
]


@on_both
def test_free_text_is_found_anywhere_in_a_message(hospital: Hospital) -> None:
    talk(hospital)
    assert [(query, found(hospital, query)) for query, _ in IN_THE_TEXT] == IN_THE_TEXT


@on_both
def test_a_word_that_no_key_begins_with_is_looked_for_in_the_text(hospital: Hospital) -> None:
    talk(hospital)
    result = search(hospital.store, "effusion")
    assert [row.id for row in result.rows] == [3, 2]
    assert result.notes[0] == "no key begins with effusion: looked for in the text"
    assert found(hospital, "fischer") == [3, 2, 1]
    assert search(hospital.store, "fischer").notes == ()
    assert found(hospital, "effusion acc:A100") == [2]
    assert found(hospital, "of") == []


def test_a_row_shows_what_stands_around_the_text(hospital: Hospital) -> None:
    talk(hospital)
    (row,) = search(hospital.store, "text:zoë").rows
    assert "MÜLLER^ZOË" in row.found or "muller zoe" in row.found
    assert search(hospital.store, "text:large").rows[0].found.endswith("||Large EFFUSION on the left.||||||F")
    assert search(hospital.store, "mrn:1000001").rows[0].found == ""


def test_a_snippet_is_one_line_with_its_cuts_marked() -> None:
    text = "a" * 100 + "\rhit\n" + "b" * 100
    assert snippet(text, 101, 104) == "…" + "a" * 39 + " hit " + "b" * 59 + "…"
    assert snippet("hit", 0, 3) == "hit"


@on_both
def test_a_search_says_how_far_the_index_reaches(hospital: Hospital) -> None:
    talk(hospital)
    hospital.takes(report("A300", text="another effusion"))
    result = search(hospital.store, "text:effusion")
    assert [row.id for row in result.rows] == [3, 2]
    assert (result.indexed_to, result.newest) == (5, 6)
    assert result.notes == ("indexed up to message 5 of 6",) or not hospital.store.is_sqlite
    index(hospital)
    assert found(hospital, "text:effusion") == [6, 3, 2]


def test_nothing_is_indexed_yet(hospital: Hospital) -> None:
    hospital.takes(adt("A04"))
    result = search(hospital.store, "text:fischer")
    assert (result.rows, result.notes) == ((), ("indexed up to message 0 of 1",))
    assert not path_of(hospital.store).exists()


@pytest.mark.parametrize("query", ["text:ab", '"ab"', "text:a*b*", "text:effusion text:ab"])
def test_fewer_than_three_letters_are_said_to_be_too_few(hospital: Hospital, query: str) -> None:
    with pytest.raises(Trouble, match="at least 3 characters"):
        search(hospital.store, query)


@on_both
def test_pages_of_candidates_lead_to_the_last(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_search, "FIRST_PAGE", 1)
    monkeypatch.setattr(journal_search, "PAGE", 3)
    monkeypatch.setattr(journal_search, "AT_ONCE", 2)
    for number in range(12):
        hospital.takes(report(f"A{number}", text="effusion" if number % 4 == 0 else "fusion of ef, usion effus"))
    index(hospital)
    assert found(hospital, "text:effusion") == [9, 5, 1]
    assert found(hospital, "text:effusion", limit=2) == [9, 5]


def test_a_search_that_would_read_too_much_stops_and_says_so(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_search, "READ_AT_MOST", 4)
    monkeypatch.setattr(journal_search, "AT_ONCE", 2)
    for number in range(10):
        hospital.takes(report(f"A{number}", text="abcd bcda cdab" if number else "abcda"))
    index(hospital)
    result = search(hospital.store, "text:abcdab")
    assert result.notes[-1].startswith("stopped after 4 messages")


def test_the_senders_character_set_is_used(hospital: Hospital) -> None:
    rules = HL7SenderConfig(match=SenderMatch(sending_application="HIS"), charset="UNICODE UTF-8")
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [rules]}))
    hospital.takes(message(msh("ADT^A08", sender="HIS"), "EVN|A08", pid(name="王^小東")))
    index(hospital)
    assert found(hospital, "text:王^小東") == [1]


def test_direction_and_limit_narrow(hospital: Hospital) -> None:
    talk(hospital)
    with hospital.store.transaction() as conn:
        journal.add(conn, journal.Entry("out", NOW, b"MSH|^~\\&|RADRECON\rNTE|1||effusion", state="acknowledged"))
    index(hospital)
    result: MessageSearch = search(hospital.store, "text:effusion", direction="out")
    assert [row.id for row in result.rows] == [6]
    assert [row.id for row in search(hospital.store, "text:effusion", direction="in", limit=1).rows] == [3]


@on_both
def test_messages_that_are_gone_are_not_found(hospital: Hospital) -> None:
    talk(hospital)
    from radrecon.store import prune

    with hospital.store.transaction() as conn:
        assert prune.delete(conn, [2]) == 1
    assert found(hospital, "text:effusion") == [3]
