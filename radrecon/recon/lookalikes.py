"""Letters of another script that look like Latin ones: typed by mistake, or to hide a name. Never decisive alone."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from radrecon.model.names import NameGroup, PersonName

_PAIRS = (
    "аa еe іi јj кk мm нh оo рp сc ѕs тt уy хx ԁd һh ԛq ԝw ӏl "
    "АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ҮY ԌG "
    "αa ιi κk νv οo ρp υu χx ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX"
)
_TABLE = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}


def mixed(name: PersonName) -> bool:
    """Whether one word of the name is written in Latin and in another script's letters at once."""
    return any(_is_mixed(word) for word in f"{name.family} {name.given} {name.alphabetic.middle}".split())


def _is_mixed(word: str) -> bool:
    latin = any(character.isalpha() and character < "\u0250" for character in word)
    return latin and any("\u0370" <= character <= "\u052f" for character in word)


def as_latin(name: PersonName) -> PersonName:
    """The alphabetic group with the look-alike letters replaced."""
    group = name.alphabetic
    parts = (group.family, group.given, group.middle, group.prefix, group.suffix)
    return replace(name, alphabetic=NameGroup(*(part.translate(_TABLE) for part in parts)))


def as_latin_text(text: str) -> str:
    """A number or one name with the look-alike letters replaced."""
    return text.translate(_TABLE)


def hidden(text: str) -> bool:
    """Whether a text holds characters that are not seen (zero width, direction marks)."""
    return not text.isascii() and any(unicodedata.category(each) == "Cf" for each in text)
