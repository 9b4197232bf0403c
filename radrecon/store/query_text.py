"""The query language of every list: `mrn:123 modality:CT -name:test age>2h fischer`. All terms must hold.

A bare word may occur in any text of a row, `key:value` in the field of that key, `-term` must not hold; `*` and `?`
are wildcards, and quotes keep a phrase together. Case and diacritics do not matter. Patient id, accession and UID are
compared whole, so that an index can answer.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from radrecon.model.errors import Trouble
from radrecon.model.letters import LETTERS

KEYS = {
    "mrn": "patient_id",
    "patient_id": "patient_id",
    "issuer": "issuer_of_patient_id",
    "name": "patient_name",
    "born": "patient_birth_date",
    "sex": "patient_sex",
    "acc": "accession_number",
    "accession": "accession_number",
    "uid": "study_instance_uid",
    "modality": "modality",
    "station": "station",
    "description": "description",
    "status": "status",
    "state": "status",
    "kind": "kind",
    "owner": "owner",
    "priority": "priority",
    "pacs": "pacs",
    "type": "message_type",
    "control": "control_id",
    "order": "order_number",
    "text": "text",
    "from": "sender",
    "to": "destination",
    "verb": "verb",
    "class": "match_class",
}
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_TOKEN = re.compile(r'(-?)(?:([A-Za-z_]+):)?(?:"([^"]*)"|(\S+))')
LONGEST = timedelta(days=36_500)  # what a calendar can go back by
MOST_TERMS, LONGEST_VALUE = 50, 5_000  # each term is held against every row; databases take no longer patterns
_AGE = re.compile(r"age([<>])(\d{1,6}(?:\.\d+)?)(min|[smhd])", re.IGNORECASE)


@dataclass(frozen=True)
class Term:
    """`key` is "" for a bare word; `value` as it was typed; `quoted`: a bare phrase in quotes."""

    key: str
    value: str
    negative: bool = False
    quoted: bool = False


@dataclass(frozen=True)
class Age:
    """Older than (`>`) or younger than (`<`) a span."""

    sign: str
    span: timedelta


@dataclass(frozen=True)
class Query:
    terms: tuple[Term, ...] = ()
    ages: tuple[Age, ...] = ()


def parse(text: str) -> Query:
    """Raises Trouble in one line for a key that nobody knows, an age that cannot be read, or too much of anything."""
    terms: list[Term] = []
    ages: list[Age] = []
    for match in _TOKEN.finditer(text):
        token, (minus, key, quoted, word) = match.group(0), match.groups()
        if token.casefold().startswith(("age<", "age>")):
            ages.append(_age(token))
        elif value := quoted if quoted is not None else word:
            terms.append(Term(_key(key), value, bool(minus), key is None and quoted is not None))
    return _bounded(Query(tuple(terms), tuple(ages)))


def _bounded(query: Query) -> Query:
    if len(query.terms) + len(query.ages) > MOST_TERMS:
        raise Trouble(f"more than {MOST_TERMS} words cannot be searched for at once")
    if too_long := next((term.value for term in query.terms if len(term.value) > LONGEST_VALUE), ""):
        raise Trouble(f"{too_long[:20]}… is longer than the {LONGEST_VALUE:,} letters that can be searched for")
    return query


def _age(token: str) -> Age:
    match = _AGE.fullmatch(token)
    span = timedelta(**{_UNITS[match[3].casefold()]: float(match[2])}) if match else LONGEST
    if match is None or span >= LONGEST:
        raise Trouble(f"cannot read {token!r}: ages are written age>2h or age<30min")
    return Age(match[1], span)


def _key(key: str | None) -> str:
    if key is None:
        return ""
    if key.casefold() not in KEYS:
        raise Trouble(f"no such key in a query: {key} (known: {', '.join(KEYS)})")
    return KEYS[key.casefold()]


def fold(text: str) -> str:
    """How texts are compared: without case and diacritics, ø as o; `^` and `,` part words."""
    if not text.isascii():
        bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
        text = bare.casefold().translate(LETTERS)
    return text.casefold().replace("^", " ").replace(",", " ")


def has_wildcard(value: str) -> bool:
    return "*" in value or "?" in value


def like_pattern(value: str, *, whole: bool) -> str:
    """A folded LIKE pattern with `/` as its escape; not `whole`: it may occur anywhere."""
    escaped = re.sub(r"([%_/])", r"/\1", fold(value)).replace("*", "%").replace("?", "_")
    return escaped if whole else f"%{escaped}%"
