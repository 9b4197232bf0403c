"""Text in letters that a fixed character set has, for modalities that read one set only.

No letter is dropped: accents go first, then Greek, Cyrillic, Arabic and Hebrew letters are written in Latin ones,
kana and hangul as Unicode calls them, and what is read in several ways or unknown here as its code (山 is U+5C71).
A wrong reading would be worse than none. Of a name's three groups those that the set does not hold are left out where
another holds the name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

Fits = Callable[[str], bool]


def _table(letters: str, written: str) -> dict[str, str]:
    return dict(zip(letters, written.split(), strict=True))


LATIN = _table("ßẞøØłŁđĐðÐþÞıæÆœŒŋŊħĦ", "ss SS o O l L d D d D th Th i ae Ae oe Oe ng Ng h H")
PUNCTUATION = _table("‘’‚‛“”„–—―…•€№", "' ' , ' \" \" \" - - - ... * EUR No")
GREEK = _table("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o")
CYRILLIC = _table(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўђјљњћџѓќѕ",
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ' y ' e yu ya i i ye g u dj j lj nj c dz gj kj dz",
)
ARABIC = _table(
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأإؤئةىپچژگ",
    "a b t th j h kh d dh r z s sh s d t z ' gh f q k l m n h w y ' a a i w y a a p ch zh g",
)
HEBREW = _table("אבגדהוזחטיכךלמםנןסעפףצץקרשת", "' b g d h v z h t y k k l m m n n s ' p p ts ts q r sh t")
LETTERS = LATIN | PUNCTUATION | GREEK | CYRILLIC | ARABIC | HEBREW
SPOKEN = ("HIRAGANA LETTER ", "KATAKANA LETTER ", "HANGUL SYLLABLE ")
"""Whose names in Unicode are close to how they are read."""


def fitted(text: str, fits: Fits) -> str:
    """The text where the set holds it, else with other letters for those that it has not."""
    return text if fits(text) else "".join(letter if fits(letter) else _other(letter, fits) for letter in _joined(text))


def fitted_name(text: str, fits: Fits) -> str:
    """A PN: groups that do not fit go where another one says the name; if none fits the most readable is rewritten."""
    if fits(text):
        return text
    groups = text.split("=")
    kept = [group if fits(group) else "" for group in groups]
    if any(group.strip(" ^") for group in kept):
        return "=".join(kept).rstrip("=")
    return fitted(next(group for group in (groups[0], *groups[:0:-1]) if group.strip(" ^")), fits)


def _joined(text: str) -> str:
    return unicodedata.normalize("NFKC", text)  # half-width kana with their voice marks, ligatures


@lru_cache(maxsize=4096)
def _other(letter: str, fits: Fits) -> str:
    for found in (_known(letter), _bare(letter), _known(_bare(letter)), _spoken(letter)):
        if found and fits(found):
            return found
    return f"U+{ord(letter):04X}"


def _known(letter: str) -> str:
    if letter in LETTERS:
        return LETTERS[letter]
    small = LETTERS.get(letter.lower(), "")
    return small.capitalize() if letter.lower() != letter else small


def _bare(letter: str) -> str:
    """Without accents, and full-width or ligature forms made plain."""
    return "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))


def _spoken(letter: str) -> str:
    name = unicodedata.name(letter, "")
    for start in SPOKEN:
        if name.startswith(start):
            words = name.removeprefix(start).removeprefix("SMALL ").split()
            return words[0].capitalize() if start.startswith("HANGUL") else words[0].lower()
    return ""
