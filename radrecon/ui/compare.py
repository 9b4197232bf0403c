"""The case page's comparison as values: order, study and person index side by side, and what will be true afterwards.

Identity (MRN and issuer, name, birth date, sex) is one block and comes whole from its owner's record; the study keeps
its UID, times, modality and station; accession and procedure are the order's (IHE RAD-12, PIR).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from radrecon.model.rows import CaseDetail, ListedRow, OrderRow, PatientRow, StudyRow
from radrecon.ui.times import about, date_text, parse

IDENTITY = ("patient_id", "patient_name", "patient_birth_date", "patient_sex")
IMAGES, LISTED = "Study (images)", "Worklist of {}"  # what the middle column is of
ISSUED = " · "  # between a number and its issuer
PLANNED = ("study_instance_uid", "modality", "station", "procedure")
WORDS = {
    "patient_id": "MRN, issuer",
    "patient_name": "Name",
    "patient_birth_date": "Birth date",
    "patient_sex": "Sex",
    "accession_number": "Accession",
    "study_instance_uid": "Study UID",
    "time": "Time",
    "modality": "Modality",
    "station": "Station",
    "procedure": "Procedure",
}


@dataclass(frozen=True)
class Cell:
    """One value. `mark` is a Weight's value ("" where there is nothing to compare), `spans` what differs in it."""

    text: str
    mark: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class FieldRow:
    field: str
    name: str
    order: Cell
    study: Cell
    person: Cell
    result: Cell
    owner: str
    identity: bool
    middle: str = IMAGES
    heads: tuple[str, ...] = ()  # of all columns, where they are others than usual

    @property
    def differs(self) -> bool:
        return any(cell.mark in ("differs", "missing") for cell in (self.order, self.study, self.person))


def comparison(detail: CaseDetail, order_id: int = 0) -> tuple[FieldRow, ...]:
    """All rows for a case, with the order that is linked or proposed (0: the case's own, if it has one)."""
    order = detail.orders.get(order_id or detail.case.order_id)
    person = _person(detail, order)
    notes = {difference.field: difference.note for difference in detail.differences}
    if detail.listed is not None:
        listed = [_row(field, order, detail.listed, person, notes.get(field, "")) for field in WORDS]
        return tuple(replace(row, middle=LISTED.format(detail.listed.source)) for row in listed)
    return tuple(_row(field, order, detail.study, person, notes.get(field, "")) for field in WORDS)


def _person(detail: CaseDetail, order: OrderRow | None) -> PatientRow | None:
    if order is not None and order.person_id in detail.persons:
        return detail.persons[order.person_id]
    return detail.person


def _row(
    field: str, order: OrderRow | None, study: StudyRow | ListedRow | None, person: PatientRow | None, note: str
) -> FieldRow:
    texts = (value(field, order), value(field, study), value(field, person))
    if isinstance(study, ListedRow):
        result, owner = _result(field, order, None, person, (texts[0], "", texts[2]))
    else:
        result, owner = _result(field, order, study, person, texts)
    holds = (order is not None, study is not None, person is not None and field in IDENTITY)
    cells = [_cell(field, text, result, there) for text, there in zip(texts, holds, strict=True)]
    if note:
        cells[1] = Cell(cells[1].text, cells[1].mark, cells[1].spans, note)
    if field == "time":
        cells[0] = Cell(texts[0], note=_gap(order, study if isinstance(study, StudyRow) else None))
    from_order, from_study, from_person = cells
    return FieldRow(field, WORDS[field], from_order, from_study, from_person, Cell(result), owner, field in IDENTITY)


def _result(
    field: str, order: OrderRow | None, study: StudyRow | None, person: PatientRow | None, texts: tuple[str, str, str]
) -> tuple[str, str]:
    """What will be true afterwards, and whose value it is."""
    from_order, from_study, from_person = texts
    if field in IDENTITY:
        if person is not None:
            return from_person, "index"
        return (from_order, "order") if order is not None else (from_study, "images")
    if field in ("accession_number", "procedure"):
        return (from_order, "order") if order is not None else (from_study, "images")
    return (from_study, "images") if study is not None else (from_order, "order")


def value(field: str, record: OrderRow | StudyRow | ListedRow | PatientRow | None) -> str:
    """A record's text for one row of the comparison."""
    if record is None:
        return ""
    if field == "patient_id":
        issuer = record.issuer_of_patient_id if record.patient_id else ""  # alone it would read as a number
        return ISSUED.join(filter(None, (record.patient_id, issuer)))
    if field == "patient_birth_date":
        return date_text(record.patient_birth_date)
    if field == "time":
        return _when(getattr(record, "performed_at", "") or getattr(record, "scheduled_start", ""))
    if field == "station":
        return str(getattr(record, "station_name", "") or getattr(record, "scheduled_station_ae_title", ""))
    if field == "procedure":
        return str(getattr(record, "study_description", "") or getattr(record, "requested_procedure_description", ""))
    return str(getattr(record, field, ""))


def _when(text: str) -> str:
    """Day and time to the second, as written, without the offset that all of them share."""
    return re.sub(r"(\.\d+)?([+-]\d\d:?\d\d|Z)$", "", text).replace("T", " ")


def _gap(order: OrderRow | None, study: StudyRow | None) -> str:
    planned, done = parse(order.scheduled_start if order else ""), parse(study.performed_at if study else "")
    if planned is None or done is None:
        return ""
    seconds = (done - planned).total_seconds()
    return "on the slot" if abs(seconds) < 60 else f"{about(abs(seconds))} {'late' if seconds > 0 else 'early'}"


def _cell(field: str, text: str, truth: str, there: bool) -> Cell:
    if not there or field == "time" or text == truth:
        return Cell(text)
    if not truth:
        return Cell(text)
    if not text:
        return Cell("", "" if field in PLANNED else "missing")
    if plain(text) == plain(truth):
        return Cell(text, "unimportant")
    if field == "patient_id" and not text.count(ISSUED) and truth.startswith(f"{text}{ISSUED}"):
        return Cell(text, "unimportant", note="no issuer")
    # a plan or wording is worth seeing, but no conflict of identity; the order takes over the images' UID
    if field in PLANNED:
        return Cell(text, "unimportant")
    return Cell(text, "differs", spans(text, truth))


def plain(text: str) -> str:
    """Without case, diacritics, padding and trailing carets."""
    folded = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    return re.sub(r"[\s^]+", " ", folded).strip()


def spans(text: str, truth: str) -> tuple[tuple[int, int], ...]:
    """Where `text` differs from `truth`, as (start, end) in `text`; a gap marks the character after it."""
    found = []
    for what, start, end, _, _ in SequenceMatcher(None, text, truth, autojunk=False).get_opcodes():
        if what in ("replace", "delete"):
            found.append((start, end))
        elif what == "insert":
            found.append((max(min(start, len(text) - 1), 0), min(start + 1, len(text))))
    return tuple(found)
