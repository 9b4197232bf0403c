"""Two records of the index side by side: who is proposed to stay, who would go, and how far each field agrees."""

from __future__ import annotations

from radrecon.model.case import Pair, Reason
from radrecon.model.duplicate import Particulars
from radrecon.model.rows import CaseDetail, PatientRow
from radrecon.ui.compare import IDENTITY, WORDS, Cell, FieldRow, plain, spans, value

HEADS = ("", "Stays (proposed)", "Goes", "Agreement", "After a merge")
FIELDS = {
    "other_numbers": "Other numbers",
    "street": "Street",
    "place": "Place",
    "phone": "Phone",
    "national_id": "National id",
    "mothers_name": "Mother's name",
    "use": "Orders, studies",
}
OF_NAME = ("patient_name", "family_name", "given_name", "middle_name")


def pair_rows(detail: CaseDetail, pair: Pair) -> tuple[FieldRow, ...]:
    """The identity blocks first, field by field; then what registration knows besides."""
    ids = (pair.survivor_id, pair.non_survivor_id)
    stays, goes = (detail.persons.get(one) for one in ids)
    beside = tuple(detail.particulars.get(one, Particulars()) for one in ids)
    rows = [_row(field, WORDS[field], (value(field, stays), value(field, goes)), pair) for field in IDENTITY]
    rows += [
        _row(field, name, (_beside(field, stays, beside[0]), _beside(field, goes, beside[1])), pair)
        for field, name in FIELDS.items()
    ]
    return tuple(row for row in rows if row.identity or row.order.text or row.study.text)


def _row(field: str, name: str, texts: tuple[str, str], pair: Pair) -> FieldRow:
    stays, goes = texts
    reasons = [reason for reason in pair.reasons if reason.field == field or _is_name(field, reason)]
    counted = field in ("use", "other_numbers")
    after = f"{stays}, {goes}" if counted and stays and goes else stays or goes
    return FieldRow(
        field, name, Cell(stays), Cell(goes) if counted else _other(stays, goes), Cell(_words(reasons)),
        Cell(after if field != "use" else ""), "" if counted else "stays", field in IDENTITY, heads=HEADS,
    )  # fmt: skip


def _is_name(field: str, reason: Reason) -> bool:
    return field == "patient_name" and reason.field in OF_NAME


def _other(stays: str, goes: str) -> Cell:
    if not goes or not stays or goes == stays:
        return Cell(goes)
    return Cell(goes, "unimportant") if plain(goes) == plain(stays) else Cell(goes, "differs", spans(goes, stays))


def _words(reasons: list[Reason]) -> str:
    if not reasons:
        return ""
    bits = sum(reason.bits for reason in reasons)
    levels = ", ".join(dict.fromkeys(reason.level for reason in reasons))
    return f"{bits:+.1f}  {levels}".replace("-", "−", 1) if bits < 0 else f"{bits:+.1f}  {levels}"


def _beside(field: str, row: PatientRow | None, known: Particulars) -> str:
    texts = {
        "street": ", ".join(filter(None, (known.street, known.other_designation))),
        "place": " ".join(filter(None, (known.postcode, known.city))),
        "phone": ", ".join(known.phones),
        "national_id": known.national_id,
        "mothers_name": known.mothers_name,
        "other_numbers": ", ".join(row.other_patient_ids) if row else "",
        "use": f"{row.orders}, {row.studies}" if row else "",
    }
    return texts[field]
