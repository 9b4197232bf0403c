"""PID and PV1 → the identity block and the visit (chapter 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from radrecon.hl7v2 import values
from radrecon.hl7v2.reader import NULL, Field, Message, Segment
from radrecon.hl7v2.rules import USUAL, SenderRules, identified
from radrecon.model.errors import ContentError
from radrecon.model.patient import Demographics, PatientId, Visit

_OF_NO_PATIENT = ("AN", "VN", "SS", "DL", "PPN")  # accounts, visits, and what several systems would share by chance
_ELSEWHERE = (2, 4)  # of PID
_PREFERRED = ("MR", "PI", "PT", "")
_NOT_CONFIDENTIAL = ("", NULL, "N", "NO", "0")


def demographics(pid: Segment | None, rules: SenderRules = USUAL) -> Demographics:
    """The identity block of a PID. Raises ContentError at PID-3 without a usable identifier."""
    identifiers = _of_patient(pid, rules) if pid else []
    if pid is None or not identifiers:
        raise ContentError("there is no usable patient identifier", "PID-3")
    return Demographics(
        patient_id=identifiers[0],
        name=values.person_name(pid.repeats(5)),
        birth_date=values.birth_date(pid.get("7")),
        sex=values.sex(pid.get("8")),
        other_ids=tuple(identifiers[1:]),
    )


def of_each_patient(segments: Sequence[Segment]) -> list[Sequence[Segment]]:
    """A run of segments per PID; what stands before the first one belongs to it."""
    starts = [at for at, segment in enumerate(segments) if segment.name == "PID"]
    if len(starts) < 2:
        return [segments]
    return [segments[start:end] for start, end in zip([0, *starts[1:]], [*starts[1:], len(segments)], strict=True)]


def _of_patient(pid: Segment, rules: SenderRules) -> list[PatientId]:
    """PID-3; senders of 2.1 and 2.2 write the number into PID-2 (external) or PID-4 (alternate) alone.

    Only where nothing else names them, a number that is an account's by its type stands for the patient.
    """
    for number in (3, *_ELSEWHERE) if rules.fallback else (3,):
        if found := identifiers_of(pid.repeats(number), rules):
            return found
    return [one for field in pid.repeats(3) if (one := _identifier(field, rules))][:1]


def prior_identifiers(mrg: Segment, rules: SenderRules, issuer: str = "") -> list[PatientId]:
    """MRG-1; where that is empty MRG-4, the external number of old senders, as PID-2 stands in for PID-3.

    A number without an authority is of the one that PID-3 names, `issuer`: a merge is of two numbers of one list.
    """
    theirs = replace(rules, patient_id_issuer=issuer or rules.patient_id_issuer)
    found = identifiers_of(mrg.repeats(1), theirs, issuer)
    return found or (identifiers_of(mrg.repeats(4), theirs, issuer) if rules.fallback else [])


def identifiers_of(repeats: Sequence[Field], rules: SenderRules, issuer: str = "") -> list[PatientId]:
    """CX repetitions → a patient's identifiers, the primary one first: `issuer`'s or the site's, then by type."""
    home = issuer or rules.patient_id_issuer
    found = [(_identifier(field, rules), field.get(5).upper()) for field in repeats]
    patients = [(one, kind) for one, kind in found if one and kind not in _OF_NO_PATIENT]
    if len(patients) == 1:
        return [patients[0][0]]

    def rank(pair: tuple[PatientId, str]) -> tuple[bool, bool, int]:
        return bool(home) and pair[0].issuer != home, rules.is_legacy(pair[0]), _rank(pair[1])

    return list(dict.fromkeys(one for one, _ in sorted(patients, key=rank)))


def _identifier(field: Field, rules: SenderRules) -> PatientId:
    """One CX by the sender's rules; the site's own authority where neither sender nor rule names one."""
    if not rules.patient_ids:
        return values.patient_id(field, rules.patient_id_issuer)
    found = identified(values.patient_id(field), field.get(5).upper(), rules.patient_ids)
    return found if found.issuer or not found else PatientId(found.value, rules.patient_id_issuer)


def _rank(kind: str) -> int:
    return _PREFERRED.index(kind) if kind in _PREFERRED else len(_PREFERRED)


def deletes(pid: Segment | None, pv1: Segment | None = None) -> frozenset[str]:
    """Fields of the identity block and the visit to be emptied: sent as `""`, which is not the same as empty."""
    named = set()
    if pid is not None and NULL in pid.text:
        named |= {("name", _all_null(pid.field(5))), ("birth_date", pid.field(7).null), ("sex", pid.field(8).null)}
    if pv1 is not None and NULL in pv1.text:
        named |= {("patient_class", pv1.field(2).null), ("location", _all_null(pv1.field(3)))}
    return frozenset(name for name, null in named if null)


def _all_null(field: Field) -> bool:
    return field.null or (field.get(1) == NULL and all(field.get(at) in ("", NULL) for at in range(2, 7)))


def visit(segments: Sequence[Segment]) -> Visit:
    """The visit of a PID group: PV1-19, else the account in PID-18."""
    own = {segment.name: segment for segment in reversed(segments) if segment.name in _OF_VISIT}
    pid, pv1, pd1 = (own.get(name, _NONE) for name in _OF_VISIT)
    identifier = values.patient_id(pv1.field(19)) or values.patient_id(pid.field(18))
    return Visit(
        number=identifier.value,
        issuer=identifier.issuer,
        patient_class=_value(pv1.value(2)),
        location=" ".join(part for part in (_value(pv1.value(3, at)) for at in (1, 2, 3)) if part),
        referring=str(values.physician_name(pv1.field(8))) if pv1.raw(8) else "",
        confidential=pv1.value(16).upper() not in _NOT_CONFIDENTIAL or pd1.value(12).upper() == "Y",
    )


_OF_VISIT = ("PID", "PV1", "PD1")
_NONE = Segment("")


def _value(text: str) -> str:
    return "" if text == NULL else text


def flags(message: Message, patient: Demographics, pid: Segment | None) -> tuple[str, ...]:
    """Remarks on how the identity was read: a guessed character set, no date of birth, a number not from PID-3."""
    found = [
        ("guessed_charset", message.guessed),
        ("bad_birth_date", bool(patient.birth_date) and not values.is_date(patient.birth_date)),
        ("patient_id_elsewhere", not _stands_in(pid.repeats(3) if pid else (), patient.patient_id.value)),
    ]
    return tuple(name for name, true in found if true)


def _stands_in(repeats: Sequence[Field], value: str) -> bool:
    """Whether a repetition holds the number; rules only ever add zeros to it."""
    return any(field.get(1).lstrip("0") == value.lstrip("0") for field in repeats)
