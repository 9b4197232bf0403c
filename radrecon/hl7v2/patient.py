"""PID and PV1 → the identity block and the visit (chapter 3)."""

from __future__ import annotations

from collections.abc import Sequence

from radrecon.hl7v2 import values
from radrecon.hl7v2.reader import NULL, Field, Message, Segment
from radrecon.hl7v2.rules import USUAL, SenderRules
from radrecon.model.errors import ContentError
from radrecon.model.patient import Demographics, PatientId, Visit

_OF_NO_PATIENT = ("AN", "VN", "SS", "DL", "PPN")  # accounts, visits, and what several systems would share by chance
_PREFERRED = ("MR", "PI", "PT", "")
_NOT_CONFIDENTIAL = ("", NULL, "N", "NO", "0")


def demographics(pid: Segment | None, rules: SenderRules = USUAL) -> Demographics:
    """The identity block of a PID. Raises ContentError at PID-3 without a usable identifier."""
    identifiers = identifiers_of(pid.repeats(3), rules) if pid else []
    if pid is None or not identifiers:
        raise ContentError("there is no usable patient identifier", "PID-3")
    return Demographics(
        patient_id=identifiers[0],
        name=values.person_name(pid.repeats(5)),
        birth_date=values.birth_date(pid.get("7")),
        sex=values.sex(pid.get("8")),
        other_ids=tuple(identifiers[1:]),
    )


def identifiers_of(repeats: Sequence[Field], rules: SenderRules, issuer: str = "") -> list[PatientId]:
    """CX repetitions → identifiers, the primary one first: `issuer`'s or the site's own, then by type (MR, PI, PT)."""
    home = issuer or rules.patient_id_issuer
    found = [(values.patient_id(field, rules.patient_id_issuer), field.get(5).upper()) for field in repeats]
    usable = [(one, kind) for one, kind in found if one]
    patients = [(one, kind) for one, kind in usable if kind not in _OF_NO_PATIENT] or usable[:1]
    ranked = sorted(patients, key=lambda pair: (bool(home) and pair[0].issuer != home, _rank(pair[1])))
    return list(dict.fromkeys(one for one, _ in ranked))


def _rank(kind: str) -> int:
    return _PREFERRED.index(kind) if kind in _PREFERRED else len(_PREFERRED)


def deletes(pid: Segment) -> frozenset[str]:
    """Fields of the identity block that the sender wants emptied: sent as `""`, which is not the same as empty."""
    names = {"name": _all_null(pid.field(5)), "birth_date": pid.field(7).null, "sex": pid.field(8).null}
    return frozenset(name for name, null in names.items() if null)


def _all_null(field: Field) -> bool:
    return field.null or (field.get(1) == NULL and all(field.get(at) in ("", NULL) for at in range(2, 7)))


def visit(segments: Sequence[Segment]) -> Visit:
    """The visit of a PID group: PV1-19, else the account in PID-18."""
    pid, pv1, pd1 = (_first(segments, name) for name in ("PID", "PV1", "PD1"))
    number = next((field for field in (pv1.field(19), pid.field(18)) if values.patient_id(field)), Field(""))
    identifier = values.patient_id(number)
    return Visit(
        number=identifier.value,
        issuer=identifier.issuer,
        patient_class=_value(pv1.get("2")),
        location=" ".join(part for part in (_value(pv1.get(f"3.{at}")) for at in (1, 2, 3)) if part),
        referring=str(values.physician_name(pv1.field(8))),
        confidential=pv1.get("16").upper() not in _NOT_CONFIDENTIAL or pd1.get("12").upper() == "Y",
    )


def _first(segments: Sequence[Segment], name: str) -> Segment:
    return next((segment for segment in segments if segment.name == name), Segment(name))


def _value(text: str) -> str:
    return "" if text == NULL else text


def flags(message: Message, patient: Demographics) -> tuple[str, ...]:
    """Remarks on how the identity was read: a guessed character set, a birth date that is no date."""
    date = patient.birth_date
    found = [
        ("guessed_charset", message.guessed),
        ("bad_birth_date", bool(date) and values.when(values.da(date)) is None),
    ]
    return tuple(name for name, true in found if true)
