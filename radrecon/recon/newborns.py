"""The words that newborns have for a name until they are given one: BABY BOY, Neugeborenes, RN.

One lexicon, three readings: a name that was meant to be replaced (`is_newborn`), a given name that is none yet and is
compared with nothing (`is_unnamed`), and a name that a twin may share (`may_be_unnamed`). There are people called Baby,
Boy or Bebe, so that none of them says that two are one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics
from radrecon.recon.normalise import NameKey, fold, name_key

NEWBORN = re.compile(
    r"(baby|new ?born|infant|neonate?|neugeborene[rs]?|saugling|zwilling|twin|triplet|neonat[oa]|recienn? ?nacid[oa]"
    r"|bebe|nouveau(ne| nee?)|pas ?geborene|bb|bg|nb|rn)(boy|girl|junge|madchen)?[a-d0-9]?"
)
"""A word of a name that a newborn has until it is given one, perhaps with sex, letter or number of a twin.

A few are two words, which nothing matches that looks at single ones."""

NEWBORN_GIVEN = re.compile(r"(boy|girl|junge|madchen)[a-c0-9]?")
"""As a given name only: people are called Boy, Boya and, with the fourth letter, Boyd."""

CACHED = 1 << 12


def is_newborn(patient: Demographics) -> bool:
    """Whether one has the name that newborns have until they are given one.

    Automatic linking rests on it: it knows single words in Latin letters, as they are.
    """
    family, given = fold(patient.name.family).split(), fold(patient.name.given).split()
    return any(map(NEWBORN.fullmatch, (*family, *given))) or any(map(NEWBORN_GIVEN.fullmatch, given))


def is_unnamed(name: PersonName) -> bool:
    """The given name is none yet (BABY BOY, GIRL A), in whichever component it was typed."""
    return has_no_given_name(_key(name))


def has_no_given_name(key: NameKey) -> bool:
    """It begins with a newborn's word, or its first two words are one (RECIEN NACIDO)."""
    return _is_placeholder(key.given) or (bool(key.others) and _is_placeholder(f"{key.given} {key.others[0]}"))


def may_be_unnamed(name: PersonName) -> bool:
    """A newborn's word stands anywhere: BABYGIRL^MEYER, SMITH^JESSICAS BABY. Family and middle names among them."""
    words = _key(name).words
    return any(map(_is_placeholder, words)) or any(_is_placeholder(" ".join(pair)) for pair in pairwise(words))


def _key(name: PersonName) -> NameKey:
    return name_key(name.alphabetic or name.ideographic or name.phonetic)


@lru_cache(CACHED)
def _is_placeholder(text: str) -> bool:
    """Umlauts may be written out."""
    plain = text.replace("ae", "a")
    return bool(NEWBORN.fullmatch(plain) or NEWBORN_GIVEN.fullmatch(plain))
