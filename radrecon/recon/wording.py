"""How far two fields agree, in the words that the desk shows."""

from __future__ import annotations

from datetime import timedelta

from radrecon.model.names import PersonName
from radrecon.recon.compare import SAME, UNSEEN, Level
from radrecon.recon.lookalikes import hidden, mixed

WORDS = {
    "accession_number": "accession number",
    "patient_id": "patient id",
    "patient_name": "name",
    "patient_birth_date": "birth date",
    "patient_sex": "sex",
    "study_instance_uid": "Study Instance UID",
    "request": "requested procedure",
    "body_part": "body part",
    "laterality": "side",
}
LEVEL_WORDS = {
    ("patient_birth_date", Level.SWAPPED): "day and month of birth swapped",
    ("patient_birth_date", Level.NEAR): "birth date one digit or a transposition apart",
    ("patient_birth_date", Level.PART): "birth date equal as far as given",
    ("patient_name", Level.SWAPPED): "family and given name swapped",
    ("patient_name", Level.NICKNAME): "family name equal, given name a usual short form",
    ("patient_name", Level.LOOKALIKE): "name equal only to the eye: letters of another script",
    ("patient_name", Level.GIVEN): "given name equal, family name different",
    ("patient_name", Level.FAMILY): "family name equal, given name different",
    ("patient_name", Level.GENERATION): "same name of another generation (Jr, Sr)",
    ("body_part", Level.PART): "body part next to the one ordered",
    ("body_part", Level.DIFFERENT): "another body part",
}


def level_text(field: str, level: str, *said: str) -> str:
    """`said`: for an accession number the order's; for a modality those performed and those ordered; for
    an order its status."""
    if field == "modality":
        performed, ordered = said
        return f"modality {performed}, ordered {ordered}" if ordered else f"modality {performed}"
    if field == "accession_number" and level == Level.NEAR:
        return f"accession number one slip from {said[0]}"
    if field == "order":
        return "the order already has images" if level == "done" else f"the order is {said[0]}"
    return LEVEL_WORDS.get((field, Level(level)), f"{WORDS.get(field, field)} {level}")


def name_text(level: Level, truth: PersonName, found: PersonName) -> str:
    """The agreement of two names, with what nobody would see."""
    text = level_text("patient_name", level)
    if level in SAME and truth != found and hidden(str(truth)) != hidden(str(found)):
        return f"{text}, but for {UNSEEN}"
    if level is not Level.LOOKALIKE and truth != found and mixed(found):
        return f"{text}; letters of several scripts in one word of the images' name"
    return text


def gap_text(gap: timedelta) -> str:
    """`4 min after the slot`."""
    minutes = round(abs(gap).total_seconds() / 60)
    side = "after" if gap >= timedelta() else "before"
    if not minutes:
        return "at the scheduled time"
    if minutes < 120:
        return f"{minutes} min {side} the slot"
    return f"{minutes // 60} h {side} the slot" if minutes < 48 * 60 else f"{minutes // 1440} days {side} the slot"
