"""The hospital's register: people of several cultures with the traps that a real register holds.

Twins (same family name and birth date, neighbouring numbers), namesakes (same name, other birth date), hyphens,
particles, apostrophes, letters outside ASCII and ideographic name groups. Equal seeds give equal people.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from radrecon.model.names import NameGroup, PersonName
from radrecon.model.patient import Demographics, PatientId

ISSUER = "SIMHOSP"
BIRTHS = (date(1931, 1, 1), date(2024, 12, 31))

# family names | women's | men's; one line per culture
POOLS = (
    ("Müller Schäfer Weiß Jäger Größl-Meier", "Anna Jürgenine Käthe Sabine", "Jörg Hans Björn Günther"),
    ("Nguyễn Trần Phạm Đặng", "Thị Hương|Linh|Mai|Thu Hà", "Văn Đức|Minh|Hải|Quốc Anh"),
    ("O'Brien Murphy O'Sullivan Fitzgerald", "Siobhán Aoife Mary Niamh", "Seán Patrick Liam Conor"),
    ("de la Cruz|García Márquez|Núñez|Peña-Ortiz", "María José|Lucía|Inés|Begoña", "Ángel|José|Iñaki|Luis"),
    ("Smith Johnson Williams Carter Baker-Jones", "Emily Susan Grace Hannah", "John Robert James David"),
    ("van den Berg|Kowalska|Šimánek|Øresund", "Zofia|Åse|Hélène|Petra", "Łukasz|Søren|François|Pieter"),
    ("Okafor Adeyemi Mbeki Diallo", "Ngozi Amina Folake Zola", "Chidi Kwame Tunde Sipho"),
)
IDEOGRAPHIC = (
    ("Yamada^Tarou=山田^太郎=やまだ^たろう", "M"),
    ("Satou^Hanako=佐藤^花子=さとう^はなこ", "F"),
    ("Suzuki^Ichirou=鈴木^一郎=すずき^いちろう", "M"),
    ("Kim^Hyejin=金^惠眞=김^혜진", "F"),
    ("Wang^Xiaodong=王^小東", "M"),
)


def register(seed: int) -> Iterator[Demographics]:
    """People without end, each with a medical record number of seven digits that nobody else has."""
    rng = random.Random(f"people {seed}")
    numbers = record_numbers(rng)
    earlier: list[Demographics] = []
    while True:
        for person in _arrivals(rng, numbers, earlier):
            earlier.append(person)
            yield person


def record_numbers(rng: random.Random) -> Iterator[str]:
    """Seven digits, unique, at least two apart: a mistyped number is nobody's by accident only."""
    used: set[int] = set()
    while True:
        number = rng.randrange(1_000_000, 9_999_998, 2)
        if number not in used:
            used.add(number)
            yield str(number)


def _arrivals(rng: random.Random, numbers: Iterator[str], earlier: list[Demographics]) -> list[Demographics]:
    """Whoever comes next: mostly one stranger, now and then twins or someone's namesake."""
    dice = rng.random()
    person = _stranger(rng, next(numbers))
    if dice < 0.08:
        return [person, _twin_of(person, rng)]
    if dice < 0.14 and earlier:
        return [replace(person, name=(other := rng.choice(earlier)).name, sex=other.sex)]
    return [person]


def _stranger(rng: random.Random, number: str) -> Demographics:
    born = BIRTHS[0] + timedelta(days=rng.randrange((BIRTHS[1] - BIRTHS[0]).days))
    if rng.random() < 0.12:
        text, sex = rng.choice(IDEOGRAPHIC)
    else:
        sex = rng.choice("FM")
        text = _western(rng, sex)
    return Demographics(PatientId(number, ISSUER), PersonName.parse(text), born.isoformat(), sex)


def _western(rng: random.Random, sex: str) -> str:
    families, women, men = rng.choice(POOLS)
    group = NameGroup(rng.choice(_names(families)), rng.choice(_names(women if sex == "F" else men)))
    if rng.random() < 0.25:
        group = replace(group, middle=rng.choice("ABCEHJKLMRT"))
    if sex == "M" and rng.random() < 0.05:
        group = replace(group, suffix="Jr")
    return str(group)


def _names(line: str) -> list[str]:
    return line.split("|") if "|" in line else line.split()


def _twin_of(person: Demographics, rng: random.Random) -> Demographics:
    """The second of twins is registered right after the first: the next number, the same family name and birth date."""
    number = str(int(person.patient_id.value) + 1)
    given = rng.choice(("Alex", "Robin", "Kim", "Sascha"))
    name = PersonName(replace(person.name.alphabetic, given=given, middle=""))
    return replace(person, patient_id=PatientId(number, ISSUER), name=name, sex=rng.choice("FM"))
