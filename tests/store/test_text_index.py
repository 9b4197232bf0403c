from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.store import text_index
from radrecon.store.database import Store
from radrecon.store.text_index import Mark, SqliteTexts, TextIndexBroken, open_index, path_of, trigrams

END = 1 << 62


def fill(store: Store, *texts: str) -> None:
    with open_index(store) as index:
        index.rebuild()
        index.add(list(enumerate(texts, 1)), Mark(len(texts), b"d", len(texts)))


def named(store: Store, *texts: str, below: int = END, limit: int = 10) -> list[int]:
    with open_index(store) as index:
        return index.candidates(texts, below, limit)


def test_texts_are_named_the_latest_first(store: Store) -> None:
    fill(store, "no acute effusion", "nothing", "an effusion", 'a "quoted" effusion_% *')
    assert named(store, "effusion") == [4, 3, 1]
    assert named(store, "effusion", limit=2) == [4, 3]
    assert named(store, "effusion", below=3) == [1]
    assert named(store, "effusion", "acute") == [1]
    assert named(store, '"quoted"') == [4]
    assert named(store, "effusion_% *") == [4]
    assert named(store, "pneumonia") == []


def test_the_mark_says_how_far(store: Store) -> None:
    with open_index(store) as index:
        assert index.mark() == Mark()
    fill(store, "one text", "two texts")
    with open_index(store) as index:
        assert index.mark().message_id == 2


def test_letters_of_any_script_are_found(store: Store) -> None:
    fill(store, "山田太郎さん", "ελληνικα nul\0here")
    assert named(store, "山田太") == [1]
    assert named(store, "λλην") == [2]


def test_a_long_phrase_is_found_by_some_of_its_letters(store: Store) -> None:
    phrase = " ".join(f"word{number}" for number in range(40))
    fill(store, f"before {phrase} behind", phrase[:-3])
    assert 1 in named(store, phrase)


@given(st.text(min_size=3, max_size=200))
def test_trigrams_of_a_text_are_in_it_to_its_end(text: str) -> None:
    found = trigrams(text)
    assert all(len(one) == 3 and one in text for one in found)
    assert found[-1] == text[-3:]
    assert len(found) <= text_index.TRIGRAMS_AT_MOST + 1


# -- the file beside a SQLite database --------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    texts = SqliteTexts(tmp_path / "x.text")
    texts.rebuild()
    texts.add([(number, f"text number {number}") for number in range(1, 3000)], Mark(2999, b"d", 2999))
    texts.close()
    return tmp_path / "x.text"


def test_looking_at_a_missing_file_does_not_make_it(tmp_path: Path) -> None:
    texts = SqliteTexts(tmp_path / "none.text")
    assert texts.mark() == Mark()
    texts.close()
    assert not (tmp_path / "none.text").exists()


def test_a_file_that_is_no_database_is_broken_and_said_so_to_whoever_writes(path: Path) -> None:
    Path(f"{path}-wal").unlink(missing_ok=True)
    path.write_bytes(b"rubbish" * 1000)
    reader = SqliteTexts(path)
    with pytest.raises(TextIndexBroken, match="made anew"):
        reader.mark()
    assert SqliteTexts(path).mark() == Mark()
    writer = SqliteTexts(path)
    writer.rebuild()
    writer.add([(1, "new text")], Mark(1, b"d", 1))
    assert writer.candidates(["new"], END, 9) == [1]
    writer.close()


def test_damage_inside_is_found_when_it_is_read(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    for at in range(4096, len(whole), 4096):
        whole[at : at + 2000] = b"\xa5" * 2000
    path.write_bytes(bytes(whole))
    reader = SqliteTexts(path)
    with pytest.raises(TextIndexBroken):
        reader.candidates(["text number 7"], END, 9)
    assert SqliteTexts(path).mark() == Mark()


def test_an_older_form_is_not_read(path: Path) -> None:
    with sqlite3.connect(path) as conn:
        conn.execute("PRAGMA user_version = 99")
    conn.close()
    reader = SqliteTexts(path)
    assert reader.mark() == Mark()
    reader.close()


def test_texts_and_mark_are_written_together(path: Path) -> None:
    texts = SqliteTexts(path)
    with pytest.raises(TextIndexBroken):
        texts.add([(5000, "lost"), (5000, object())], Mark(5000, b"d", 1))  # type: ignore[list-item]
    assert SqliteTexts(path).candidates(["lost"], END, 9) == []
    texts.close()


def test_the_file_lies_beside_the_database(store: Store) -> None:
    if store.is_sqlite:
        fill(store, "a text")
        assert path_of(store).name == "radrecon.sqlite3.text"
        assert path_of(store).exists()
