"""ORU^R01 (chapter 7) → one report version per OBR.

A version is what the sender said at that moment: P, F, C, A, X (OBR-25, table 0123, else OBX-11, table 0085). `U`
means final with the text *not* sent again, so an empty text is flagged and never means that the report became empty.
Results that were deleted (D) or stood under the wrong patient (W) are left out of the text and flagged.
"""

from __future__ import annotations

from collections.abc import Sequence

from radrecon.hl7v2 import patient as pid_group
from radrecon.hl7v2 import values
from radrecon.hl7v2.orders import FILLER, PLACER
from radrecon.hl7v2.reader import Message, Segment
from radrecon.hl7v2.rules import USUAL, SenderRules, first_value, paths_for
from radrecon.model.errors import ContentError
from radrecon.model.order import ReportVersion
from radrecon.model.patient import Demographics

_TEXT_TYPES = ("TX", "FT", "ST", "")
_WITHDRAWN = {"D": "deleted", "W": "wrong_patient"}
_DOCUMENTS = ("ED", "RP")
_FINAL_LIKE = ("", "F")
_STUDY_UID_CODES = ("110180", "113014", "StudyInstanceUID", "Study Instance UID")
_FORMATTING = ("\\H\\", "\\N\\", "\\.ce\\", "\\.fi\\", "\\.nf\\")


def read_reports(message: Message, rules: SenderRules = USUAL) -> list[ReportVersion]:
    """Every result. Flags: text_not_sent, deleted, wrong_patient, embedded_document, addendum, and the identity's."""
    found = [one for run in pid_group.of_each_patient(message.segments) for one in _of_patient(message, run, rules)]
    if not found:
        raise ContentError("there is no result in the message", "OBR")
    return found


def _of_patient(message: Message, segments: Sequence[Segment], rules: SenderRules) -> list[ReportVersion]:
    """The results of one patient of the message (PATIENT_RESULT, 7.3.1)."""
    own = {segment.name: segment for segment in reversed(segments) if segment.name in ("PID", "ZDS")}
    patient = pid_group.demographics(own.get("PID"), rules)
    remarks = pid_group.flags(message, patient, own.get("PID"))
    paths, groups = paths_for(message.message_type, rules), _groups(segments)
    if len(groups) == 1 and "ZDS" in own:
        groups[0].append(own["ZDS"])
    return [_version(group, paths, patient, remarks, rules) for group in groups]


def _groups(segments: Sequence[Segment]) -> list[list[Segment]]:
    """A run per OBR, with the ORC that stands before it."""
    runs: list[list[Segment]] = []
    order: Segment | None = None
    for segment in segments:
        if segment.name == "ORC":
            order = segment
        elif segment.name == "OBR":
            runs.append([order, segment] if order else [segment])
            order = None
        elif runs:
            runs[-1].append(segment)
    return runs


def _version(
    group: Sequence[Segment], paths: Sequence[str], patient: Demographics, remarks: tuple[str, ...], rules: SenderRules
) -> ReportVersion:
    segments = {segment.name: segment for segment in reversed(group)}
    results = [segment for segment in group if segment.name == "OBX"]
    states = [result.get("11").upper() for result in results]
    text = report_text(results)
    status = _status(segments["OBR"], states)
    numbers = {
        "accession_number": first_value(segments, paths),
        "placer_order_number": first_value(segments, PLACER),
        "filler_order_number": first_value(segments, FILLER),
    }
    uid, uid_path = _study_uid(segments, results)
    own = [flag for flag in ("addendum",) if rules.addendum_status and status == rules.addendum_status]
    return ReportVersion(
        accession_number=numbers["accession_number"][0],
        placer_order_number=numbers["placer_order_number"][0],
        filler_order_number=numbers["filler_order_number"][0],
        study_instance_uid=uid,
        status=status,
        text=text,
        observed=_observed(segments),
        patient=patient,
        sources={name: path for name, (_, path) in numbers.items() if path}
        | ({"study_instance_uid": uid_path} if uid else {}),
        flags=(*remarks, *_remarks(results, states, text), *own),
    )


def _status(obr: Segment, states: Sequence[str]) -> str:
    """OBR-25, else the results' own OBX-11; a correction or withdrawal in the results outweighs a final OBR."""
    stated = obr.get("25").upper()
    each = [state for state in states if state]
    if each and set(each) <= set(_WITHDRAWN):
        return "W" if "W" in each else "D"
    if "C" in each and stated in _FINAL_LIKE:
        return "C"
    return stated or next((one for one in each if one != "U"), "F" if each else "")


def report_text(results: Sequence[Segment]) -> str:
    """The textual results as one text: a line per OBX and repetition; withdrawn ones are left out."""
    lines = [
        _line(field.whole())
        for result in results
        if result.get("2").upper() in _TEXT_TYPES and result.get("11").upper() not in _WITHDRAWN
        for field in result.repeats(5)
        if not field.null
    ]
    return "\n".join(lines).strip("\n")


def _line(text: str) -> str:
    """FT text without its marks for bold type and layout (2.7.6)."""
    if "\\" in text:
        for mark in _FORMATTING:
            text = text.replace(mark, "")
    return text.rstrip()


def _remarks(results: Sequence[Segment], states: Sequence[str], text: str) -> tuple[str, ...]:
    found = [("text_not_sent", not text)]
    found += [(name, status in states) for status, name in _WITHDRAWN.items()]
    found += [("embedded_document", any(result.get("2").upper() in _DOCUMENTS for result in results))]
    return tuple(name for name, true in found if true)


def _study_uid(segments: dict[str, Segment], results: Sequence[Segment]) -> tuple[str, str]:
    """The Study Instance UID of ZDS, else one that is sent as a result (RAD-28), and where it stood."""
    named = [one for one in results if one.get("3.1") in _STUDY_UID_CODES or one.get("3.2") in _STUDY_UID_CODES]
    stated = [(segments["ZDS"].get("1.1"), "ZDS-1.1")] if "ZDS" in segments else []
    stated += [(one.get("5"), "OBX-5") for one in named]
    return next((one for one in stated if values.is_study_uid(one[0])), ("", ""))


def _observed(segments: dict[str, Segment]) -> str:
    """When the result was reported or its status changed (OBR-22), else OBX-14, else OBR-7."""
    texts = (first_value(segments, (path,))[0] for path in ("OBR-22", "OBX-14", "OBR-7"))
    return next((values.iso(point) for point in map(values.when, texts) if point), "")
