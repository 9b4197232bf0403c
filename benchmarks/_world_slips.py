"""How fingers and systems spoil a value: typos, swaps, other ways of writing."""

from __future__ import annotations

import random
import string
import unicodedata
from datetime import date, timedelta

from radrecon.model.names import NameGroup, PersonName

KEYS = {"a": "sq", "e": "wr", "i": "uo", "o": "ip", "n": "bm", "m": "n", "s": "ad", "t": "ry", "r": "te", "l": "k"}
PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def slip(rng: random.Random, text: str, alphabet: str = string.ascii_lowercase) -> str:
    """One slip: a character wrong, two swapped, one too few or too many. Never the same text."""
    for _ in range(20):
        changed = _slip(rng, text, alphabet)
        if changed != text and changed:
            return changed
    return text + alphabet[0]


def _slip(rng: random.Random, text: str, alphabet: str) -> str:
    if len(text) < 2:
        return text + rng.choice(alphabet)
    at, how = rng.randrange(len(text)), rng.random()
    if how < 0.45:
        return text[:at] + _neighbour(rng, text[at], alphabet) + text[at + 1 :]
    if how < 0.70 and at:
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    if how < 0.85:
        return text[:at] + text[at + 1 :]
    return text[:at] + _neighbour(rng, text[at], alphabet) + text[at:]


def _neighbour(rng: random.Random, character: str, alphabet: str) -> str:
    near = rng.choice(KEYS.get(character.lower(), alphabet))
    return near.upper() if character.isupper() else near


def number_slip(rng: random.Random, text: str) -> str:
    return slip(rng, text, string.digits)


def name_slip(rng: random.Random, text: str) -> str:
    """One slip in the family or the given name of a PN text."""
    group, equals, rest = text.partition("=")
    parts = group.split("^")
    at = 0 if len(parts) < 2 or not parts[1] or rng.random() < 0.6 else 1
    parts[at] = slip(rng, parts[at])
    return "^".join(parts) + equals + rest


def swapped(text: str) -> str:
    """Family and given name in each other's place."""
    group = PersonName.parse(text).alphabetic
    return str(NameGroup(group.given, group.family, group.middle, group.prefix, group.suffix))


def rewritten(rng: random.Random, text: str) -> str:
    """Another way of writing the same name: never another name."""
    name = PersonName.parse(text)
    group = name.alphabetic
    ways = [
        str(NameGroup(group.family.upper(), group.given.upper(), group.middle.upper(), "", group.suffix.upper())),
        f"{group.family}^{group.given}",
        f"{group.family}, {group.given}",
        f"{group.family}^{group.given}^{group.middle}^Dr.",
        f"{group.family}^{group.given}^{group.middle[:1]}",
        f"{group.family} ^{group.given} ^{group.middle}",
        f"{group.family.lower()}^{group.given.lower()}^{group.middle.lower()}^^{group.suffix.lower()}",
        f"{group.family}^{group.given} {group.middle}".rstrip(),
        str(group),
        plain(str(group)),
        str(group).translate(PLAIN),
        f"{group.family.replace('-', ' ')}^{group.given.replace('-', ' ')}^{group.middle}",
    ]
    different = [way for way in ways if way != text]
    return rng.choice(different) if different else text


def plain(text: str) -> str:
    """Without accents, as a system that knows ASCII only."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def rewritten_number(rng: random.Random, text: str) -> str:
    return rng.choice((f"000{text}", f" {text} ", f"{text[:3]}-{text[3:]}", f"{text[:3]} {text[3:]}", f"0{text}"))


def birth_slip(rng: random.Random, iso: str) -> str:
    """A wrong digit, day and month swapped, a neighbouring year, a default; sometimes nothing at all."""
    if not iso:
        return iso  # another error has left it out
    how, day = rng.random(), date.fromisoformat(iso)
    if how < 0.25 and day.day <= 12 and day.day != day.month:
        return date(day.year, day.day, day.month).isoformat()
    if how < 0.55:
        return _valid(iso[:8] + number_slip(rng, iso[8:])[:2].rjust(2, "0"), iso)
    if how < 0.80:
        return (day + timedelta(days=rng.choice((-1, 1, 31, -30)))).isoformat()
    if how < 0.90:
        return f"{day.year + rng.choice((-10, -1, 1, 10))}-{min(day.day, 28):02}-{day.month:02}" if day.day <= 12 else (
            f"{day.year + rng.choice((-10, -1, 1, 10))}-{day.month:02}-{min(day.day, 28):02}"
        )  # fmt: skip
    return rng.choice(("1900-01-01", "", "1901-01-01"))


def _valid(text: str, otherwise: str) -> str:
    try:
        found = date.fromisoformat(text).isoformat()
    except ValueError:
        found = otherwise
    return found if found != otherwise else (date.fromisoformat(otherwise) + timedelta(days=10)).isoformat()
