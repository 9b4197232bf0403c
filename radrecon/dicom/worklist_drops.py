"""Which entries of its worklist a modality would drop or show wrongly, and why.

Modalities do not say so: an entry with an empty name or a value that is too long simply is not on the console. What is
true of all (a value longer than its VR, letters that the fixed character set has not) is said for all; the rest
belongs to devices that are known for it, or is named in the configuration (`needs`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from radrecon.dicom import charset
from radrecon.dicom.elements import Element
from radrecon.dicom.identity import dicom_date
from radrecon.dicom.worklist_answer import NOT_TEXT, Tree, filled, in_set
from radrecon.dicom.worklist_attributes import ORDER, UNKNOWN
from radrecon.dicom.worklist_profile import Profile
from radrecon.dicom.worklist_query import keyword
from radrecon.model.order import Code, Order, Step

LONGEST = {"AE": 16, "CS": 16, "SH": 16, "LO": 64, "PN": 64, "UI": 64}
"""PS3.5 table 6.2-1, in characters; of a PN for each group."""

STANDS_IN = ("PatientName", "PatientID", "ScheduledStationAETitle")
"""Never empty in an answer (type 1): UNKNOWN stands for what nobody knows."""

EVERYTHING = {tag: Element("SQ") for tag in ORDER}


@dataclass(frozen=True)
class Device:
    """`needs`: keywords of what may not be empty; `whole_dates`, `whole_codes`: what it cannot bear parts of."""

    needs: tuple[str, ...] = ()
    whole_dates: bool = False
    whole_codes: bool = False


BRIVO = (*STANDS_IN, "StudyInstanceUID", "AccessionNumber", "RequestedProcedureID", "ScheduledProcedureStepID",
         "ScheduledProcedureStepStartDate")  # fmt: skip
DEVICES = {"": Device(), "ge brivo": Device(BRIVO, whole_dates=True), "siemens aristos": Device(whole_codes=True)}


def would_drop(order: Order, step: Step, profile: Profile) -> tuple[str, ...]:
    """One line for each reason, with the attribute's keyword first; () where this modality takes the entry as it is."""
    values = list(_values(filled(EVERYTHING, order, step, "")))
    device = DEVICES[profile.device]
    found = [*_too_long(values), *_missing(values, (*device.needs, *profile.needs))]
    if device.whole_dates:
        found += _no_whole_date(order)
    if device.whole_codes:
        found += [*_half(order.requested_procedure_code), *_half(step.protocol_code)]
    if profile.charset is not None:
        found += _other_letters(values, profile.charset)
    return tuple(dict.fromkeys(found))


Value = tuple[int, str, str]
"""Tag, VR, text."""


def _values(tree: Tree) -> Iterator[Value]:
    for tag, value in tree.items():
        if isinstance(value, list):
            for item in value:
                yield from _values(item)
        else:
            yield tag, *value


def _too_long(values: list[Value]) -> Iterator[str]:
    for tag, vr, text in values:
        longest = max(map(len, text.replace("\\", "=").split("=")), default=0) if vr in ("PN", "LO") else len(text)
        if longest > LONGEST.get(vr, longest):
            yield f"{keyword(tag)} has {longest} characters, and {vr} holds {LONGEST[vr]}"


def _missing(values: list[Value], needed: tuple[str, ...]) -> Iterator[str]:
    texts = {keyword(tag): text for tag, _, text in values}
    for name in needed:
        if not texts.get(name, ""):
            yield f"{name} is empty"
        elif name in STANDS_IN and texts[name] == UNKNOWN:
            yield f"{name} is not known, {UNKNOWN} stands in for it"


def _no_whole_date(order: Order) -> Iterator[str]:
    born = order.patient.birth_date
    if born and not dicom_date(born):
        yield f"PatientBirthDate {born} is no whole date and is sent empty"


def _half(code: Code) -> Iterator[str]:
    if (code.value or code.meaning) and not code:
        yield f"the code {code.value or code.meaning} is not complete and is left out"


def _other_letters(values: list[Value], term: str) -> Iterator[str]:
    for tag, vr, text in values:
        held = charset.ASCII if vr in NOT_TEXT else term
        if not charset.holds(text, held):
            sent = in_set(tag, vr, text, held)
            yield f"{keyword(tag)} is sent as {sent}: {term or 'ASCII'} has not all of its letters"
