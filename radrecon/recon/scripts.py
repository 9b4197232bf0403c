"""Names in scripts that cannot be compared letter by letter, whichever component group a system puts them into.

Many send what they have in the first group: ideographs alone, or kana (PS3.5 H.3.2). A name that also has the others
is compared with those.
"""

from __future__ import annotations

import re
from dataclasses import replace

from radrecon.model.names import NameGroup, PersonName

IDEOGRAPHS, KANA, HANGUL = "ideographs", "kana", "hangul"
_SCRIPTS = (
    (IDEOGRAPHS, re.compile("[\u3005\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")),
    (HANGUL, re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")),
    (KANA, re.compile("[\u3040-\u30ff\uff66-\uff9f]")),
)


def script_of(group: NameGroup) -> str:
    """One of the three, "" for letters that are compared with letters. A name with one ideograph is written in them."""
    text = f"{group.family}{group.given}{group.middle}"
    if text.isascii():
        return ""
    return next((script for script, characters in _SCRIPTS if characters.search(text)), "")


def by_script(name: PersonName) -> PersonName:
    """With the first group where its script belongs, if that is free: ideographs in the second, sounds in the third."""
    script, first = script_of(name.alphabetic), name.alphabetic
    if script == IDEOGRAPHS and not name.ideographic:
        return replace(name, alphabetic=NameGroup(), ideographic=first)
    if script in (KANA, HANGUL) and not name.phonetic:
        return replace(name, alphabetic=NameGroup(), phonetic=first)
    return name
