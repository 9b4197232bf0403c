"""A journal of a million messages, as some months of a hospital leave it: bytes, business keys and index of texts.

Written straight into the tables, for what is measured is living with it, not how it came; what a message is found by is
worked out from its bytes as the intake does. A few families are very common and most are rare, as are words in reports.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.searchable import searchable
from radrecon.store.database import Store
from radrecon.store.journal import fingerprint
from radrecon.store.query_text import fold
from radrecon.store.text_index import Mark, open_index
from radrecon.workflow.ingest import keys_of

PATIENTS, CHUNK = 120_000, 20_000
START = datetime(2026, 3, 1, tzinfo=UTC)
SYLLABLES = (
    "BA",
    "KO",
    "MIL",
    "SCHU",
    "NOV",
    "FER",
    "LIN",
    "TAN",
    "OKA",
    "RU",
    "HAN",
    "VES",
    "DOR",
    "GAL",
    "PET",
    "ZI",
)
ENDS = ("ER", "MANN", "SEN", "SKI", "EZ", "OVA", "STEIN", "BERG", "LEY", "TON", "RA", "NI")
COMMON = ("SMITH", "MILLER", "FISCHER", "GARCIA", "NGUYEN")
GIVEN = ("ANNA", "JONATHAN", "MARIA", "PETER", "LINH", "PIOTR", "GIULIA", "SANNE", "CLAIRE", "LARS", "CHIOMA", "TOM")
PLAIN = (
    "the", "of", "and", "no", "is", "with", "without", "in", "lungs", "clear", "heart", "normal", "size", "effusion",
    "fracture", "left", "right", "upper", "lower", "lobe", "unchanged", "compared", "prior", "study", "mild",
    "moderate", "degenerative", "changes", "thoracic", "lumbar", "spine", "contrast", "enhancement",
)  # fmt: skip
WORDS, SENTENCES = 20_000, 50_000


class Hospital:
    """Who and what the messages are about; the same for the same seed."""

    def __init__(self) -> None:
        chance = random.Random(3)
        rare = [f"{a}{b}{end}" for a in SYLLABLES for b in SYLLABLES for end in ENDS]
        chance.shuffle(rare)
        self.families = [*COMMON, *rare]
        self.words = [*PLAIN, *dict.fromkeys(invented(chance) for _ in range(WORDS))]
        self._family = list(accumulate(1 / (rank + 3) for rank in range(len(self.families))))
        self._word = list(accumulate(1 / (rank + 1) ** 1.3 for rank in range(len(self.words))))
        self._chance = chance
        self.people = [self._person(number) for number in range(PATIENTS)]
        self._sentences = [" ".join(self._some_words(10)) for _ in range(SENTENCES)]

    def _person(self, number: int) -> tuple[str, str, str]:
        family = self._chance.choices(self.families, cum_weights=self._family)[0]
        born = f"{1920 + number % 90}{1 + number % 12:02}{1 + number % 28:02}"
        return f"{number * 83 % 10_000_000:07}", f"{family}^{GIVEN[number * 7 % len(GIVEN)]}", born

    def message(self, number: int) -> bytes:
        """Three of ten are ADT, five orders, two reports; each examination has two or three messages."""
        kind, exam = "OAOROAOROA"[number % 10], number * 2 // 5
        mrn, name, born = self.people[exam * 7919 % PATIENTS if kind != "A" else number * 31 % PATIENTS]
        type_ = {"O": "ORM^O01", "A": "ADT^A08", "R": "ORU^R01"}[kind]
        head = (
            f"MSH|^~\\&|{'HIS' if kind == 'A' else 'RIS'}|HOSP|RADRECON|HOSP|{moment(number):%Y%m%d%H%M%S}||{type_}"
            f"|{kind}{number:09}|P|2.5.1\r"
            f"PID|1||{mrn}^^^HOSP^MR~{int(mrn) * 7 + 10**9}^^^NAT^NI||{name}||{born}|{'FM'[int(mrn) % 2]}"
            f"|||MAIN STREET {int(mrn) % 199}^^SPRINGFIELD^^{int(mrn) % 89_999 + 10_000}^US^H||^PRN^PH^^1^555^{mrn}\r"
            f"PV1|1|O|RAD^CT{exam % 9}^01^HOSP||||1234^HOUSE^GREGORY|2345^WILSON^JAMES||RAD|||||||||V{exam:09}^^^HOSP\r"
        )
        if kind == "A":
            return (head + f"NK1|1|{name}|SPO\rIN1|1|{number % 97}|{number % 53}|STATE HEALTH PLAN\r").encode()
        numbers = f"P{exam:09}|F{exam:09}"
        fields = f"CT{exam % 40:03}^CT EXAM {exam % 40}^L{'|' * 14}A{exam:09}|R{exam:09}|S{exam:09}||||CT"
        head += f"ORC|{'NW' if kind == 'O' else 'RE'}|{numbers}||SC\rOBR|1|{numbers}|{fields}\r"
        return (
            head + (self._notes(number, 5, "NTE|1||") if kind == "O" else self._notes(number, 12, "OBX|1|TX|GDT||"))
        ).encode()

    def _some_words(self, count: int) -> list[str]:
        return self._chance.choices(self.words, cum_weights=self._word, k=count)

    def _notes(self, number: int, lines: int, opening: str) -> str:
        first = number * 7919
        return "".join(f"{opening}{self._sentences[(first + 613 * line) % SENTENCES]}\r" for line in range(lines))


def invented(chance: random.Random) -> str:
    """A word as medicine has them, with an ending that it shares with others."""
    stem = "".join(chance.choice("bcdfghklmnprstvz") + chance.choice("aeiouy") for _ in range(chance.randint(2, 5)))
    return stem + chance.choice(("itis", "oma", "ectomy", "al", "ia", "us", "osis", "graphy"))


def moment(number: int) -> datetime:
    return START + timedelta(seconds=number * 20)


COLUMNS = (
    "id", "direction", "at", "peer", "sending_application", "sending_facility", "control_id", "message_type", "sent_at",
    "raw", "digest", "state", "reason", "ack_code", "ack", "flags", "effect", "patient_id", "accession_number", "size",
)  # fmt: skip


def fill(store: Store, hospital: Hospital, count: int) -> None:
    """The messages and their keys; the tables exist and are empty."""
    assert store.path
    conn = sqlite3.connect(store.path, isolation_level=None)
    for pragma in ("synchronous=OFF", "cache_size=-2000000", "wal_autocheckpoint=20000"):
        conn.execute(f"PRAGMA {pragma}").close()
    add = f"INSERT INTO message ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    for start in range(0, count, CHUNK):
        rows, keys = chunk(hospital, range(start, min(count, start + CHUNK)))
        conn.execute("BEGIN")
        conn.executemany(add, rows)
        conn.executemany("INSERT OR IGNORE INTO message_key (kind, value, message_id) VALUES (?, ?, ?)", sorted(keys))
        conn.execute("COMMIT")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    conn.close()


def chunk(hospital: Hospital, numbers: Sequence[int]) -> tuple[list[tuple[Any, ...]], list[tuple[str, str, int]]]:
    rows, keys = [], []
    for number in numbers:
        raw = hospital.message(number)
        message, at = Message.parse(raw), moment(number)
        accession = message.get("OBR-18")
        found = {*keys_of(message), ("accession_number", accession)}
        keys += [(kind, value.casefold(), number + 1) for kind, value in found if value]
        ack = f"MSH|^~\\&|RADRECON||||20260301||ACK|{number:020}|P|2.5.1\rMSA|AA|{message.control_id}\r".encode()
        rows.append((
            number + 1, "in", int(at.timestamp() * 1e6), "10.0.0.7:4711", message.sending_application, "HOSP",
            message.control_id, message.message_type, message.timestamp, raw, fingerprint(raw), "applied", "", "AA",
            ack, "[]", json.dumps({"orders": [number]}), message.get("PID-3.1"), accession, len(raw),
        ))  # fmt: skip
    return rows, keys


def index_texts(store: Store, count: int) -> None:
    """The index of texts, as the worker makes it, in larger bites."""
    assert store.path
    conn = sqlite3.connect(store.path)
    with open_index(store) as index:
        index.rebuild()
        for start in range(0, count, CHUNK):
            rows = conn.execute(
                "SELECT id, raw FROM message WHERE id > ? ORDER BY id LIMIT ?", (start, CHUNK)
            ).fetchall()
            last, raw = rows[-1]
            index.add([(one, fold(searchable(text))) for one, text in rows], Mark(last, fingerprint(raw), last))
    conn.close()


def samples(hospital: Hospital, count: int, how_many: int) -> dict[str, list[str]]:
    """Searches by what they look for."""
    chance = random.Random(5)
    numbers = [chance.randrange(count) for _ in range(how_many)]
    exams = [number * 2 // 5 for number in numbers]
    people = [hospital.people[exam * 7919 % PATIENTS] for exam in exams]
    rare_words, rare_names = hospital.words[-15_000:], hospital.families[-1_500:]
    common_words = [word for word in PLAIN if len(word) > 3]
    return {
        "accession": [f"acc:A{exam:09}" for exam in exams],
        "MRN": [f"mrn:{mrn}" for mrn, _, _ in people],
        "control id": [f"control:{'OAOROAOROA'[number % 10]}{number:09}" for number in numbers],
        "order number": [f"order:P{exam:09}" for exam in exams],
        "name, rare": [f"name:{chance.choice(rare_names)}" for _ in numbers],
        "name, very common": [f"name:{COMMON[number % 5]}" for number in numbers],
        "name, three letters": [f"name:{chance.choice(hospital.families)[:3]}" for _ in numbers],
        "a bare word": [f"A{exam:09}" for exam in exams],
        "text: rare word": [f"text:{chance.choice(rare_words)}" for _ in numbers],
        "text: common word": [f"text:{chance.choice(common_words)}" for _ in numbers],
        "text: two words": list(pairs(chance, common_words, rare_words, how_many)),
        "text: number fragment": [f"text:{exam % 1_000_000:06}" for exam in exams],
        "text: phone number": [f"text:555^{mrn}" for mrn, _, _ in people],
        "text: absent word": [f"text:{word[::-1]}q" for word in chance.sample(rare_words, how_many)],
    }


def pairs(chance: random.Random, common: Sequence[str], rare: Sequence[str], count: int) -> Iterator[str]:
    for number in range(count):
        other = chance.choice(rare if number % 2 else common)
        yield f"text:{chance.choice(common)} text:{other}"
