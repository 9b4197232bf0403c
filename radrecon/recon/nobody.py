"""What desks type for somebody whom they cannot name yet: names and birth dates that say nothing of a person.

The next one who comes in unknown gets the same again, so that two of them that agree are nobody's agreement.
"""

from __future__ import annotations

from functools import lru_cache

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics
from radrecon.recon.normalise import birth_date_key, fold

STEMS = tuple(
    """unknown unidentif unbekannt inconnu desconocid desconhecid sconosciut onbekend necunoscut neznam nepoznat
    tuntemat ismeretlen bilinmeyen kimliksiz anonym anonim polytrauma notfallpat неизвест невідом непознат αγνωστ
    不明 身元不明 氏名不詳 名前不明 無名 无名 未知 신원미상 미상 مجهول אלמוני פלוני ไม่ทราบ""".split()  # noqa: SIM905
)
"""A word that begins so says in some language that nobody knows who it is."""
WORDS = frozenset(
    """trauma unk unbek xxunknown nieznany nieznana nn okand ukjent ukendt ignoto ignota ignotus nescio notfall
    schockraum noname nameless johndoe janedoe""".split()  # noqa: SIM905
)
NOBODY = frozenset(("doe", "roe", "alias"))  # there are people of these names
NO_DATE = ("1800-01-01", "1850-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1900-12-31", "1901-01-01")
EARLIEST, LATEST = "1870", "2100"  # a year outside stands for none
DAY = len("1960-05-17")
CACHED = 1 << 12


@lru_cache(CACHED)
def stands_for_nobody(name: PersonName) -> bool:
    """One of its words says so, as it is or with a number (TRAUMA7), or it is nothing but X."""
    groups = (name.alphabetic, name.ideographic, name.phonetic)
    words = fold(" ".join(f"{group.family} {group.given}" for group in groups)).split()
    plain = [word.rstrip("0123456789") for word in words]
    said = any(word in WORDS or word.startswith(STEMS) for word in plain)
    return said or (bool(words) and all(set(word) == {"x"} for word in words))


def is_alias(patient: Demographics) -> bool:
    """A temporary name. DOE^JOHN and ALIAS^ONE may be real, and are temporary only with an estimated birth date."""
    estimated = fold(patient.name.family) in NOBODY and _is_estimated(patient.birth_date)
    return estimated or stands_for_nobody(patient.name)


def _is_estimated(birth_date: str) -> bool:
    key = birth_date_key(birth_date)
    return len(key) < DAY or key.endswith("-01-01")


def birth_date_of(text: str) -> str:
    """A birth date that says something; "" for what desks type where they know none."""
    key = birth_date_key(text)
    return "" if key in NO_DATE or (key and not EARLIEST <= key[:4] < LATEST) else text.strip()
