"""What the hospital's RIS writes: HL7 v2.3.1 and v2.5.1 as text (IHE RAD-1, RAD-2, RAD-4, RAD-12, RAD-28).

Its own small builder on purpose: the simulated sender must not share a mistake with the reader that it exercises.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count

from radrecon.model.names import NameGroup
from radrecon.model.patient import Demographics
from radrecon.sim.exams import Exam

APPLICATION, FACILITY = "SIMRIS", "SIMHOSP"
ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\", "\r": " ", "\n": " "})
REPRESENTATIONS = ("A", "I", "P")
# ORC-1 and ORC-5 of what a RIS says of an order (IHE RAD-4)
NEW, CANCEL, COMPLETED = ("NW", "SC"), ("CA", "CA"), ("SC", "CM")


@dataclass(frozen=True)
class Written:
    """A message ready to send: the text with CR ends and the control id that its ACK must name."""

    control_id: str
    message_type: str
    text: str

    def encoded(self) -> bytes:
        return self.text.encode("utf-8")


class Scribe:
    """Writes messages; the state is the counter behind MSH-10."""

    def __init__(self, series: str = "R") -> None:
        self._series = series
        self._numbers = count(1)

    def adt(self, event: str, patient: Demographics, now: datetime, visit: str = "") -> Written:
        """A04 register, A08 update, A28 add person …: one patient, one visit (ADT_A01)."""
        body = [_evn(event, now), pid(patient), _pv1(visit_number=visit)]
        return self._write(f"ADT^{event}", "2.3.1", now, body)

    def merge(self, survivor: Demographics, non_survivor: Demographics, now: datetime) -> Written:
        """A40: PID is the survivor, MRG the record that is no more."""
        mrg = _segment("MRG", {1: cx(non_survivor), 7: xpn(non_survivor)})
        return self._write("ADT^A40^ADT_A39", "2.5.1", now, [_evn("A40", now), pid(survivor), mrg])

    def order(
        self,
        exam: Exam,
        now: datetime,
        control: tuple[str, str] = NEW,
        begun: datetime | None = None,
        ended: datetime | None = None,
    ) -> Written:
        """ORM^O01 of IHE RAD-4: accession in OBR-18, procedure id OBR-19, step id OBR-20, Study UID in ZDS-1.

        `begun` and `ended`: of the examination, in OBR-7 and OBR-8.
        """
        obr = _obr(exam, _observed(begun, ended))
        body = [pid(exam.patient), _pv1_of(exam), _orc(exam, control, now), obr, zds(exam)]
        return self._write("ORM^O01", "2.3.1", now, body)

    def arrival(self, exam: Exam, now: datetime) -> Written:
        """SIU^S14 of a patient who has come: registration puts its own word into SCH-25."""
        numbers = {2: f"{exam.filler_order_number}^{APPLICATION}", 27: f"{exam.filler_order_number}^{APPLICATION}"}
        sch = _segment("SCH", {**numbers, 11: f"^^^{_ts(exam.start)}", 25: "Arrived"})
        return self._write("SIU^S14", "2.3.1", now, [sch, pid(exam.patient), _pv1_of(exam)])

    def imaging_order(
        self,
        exam: Exam,
        now: datetime,
        control: tuple[str, str] = NEW,
        begun: datetime | None = None,
        ended: datetime | None = None,
    ) -> Written:
        """OMI^O23: the same facts where version 2.5.1 keeps them, timing in TQ1, identifiers in IPC."""
        obr = _obr_2_5(exam, _observed(begun, ended))
        body = [pid(exam.patient), _pv1_of(exam), _orc(exam, control, now), _tq1(exam), obr, _ipc(exam)]
        return self._write("OMI^O23^OMI_O23", "2.5.1", now, body)

    def report(self, exam: Exam, now: datetime, status: str = "F") -> Written:
        """ORU^R01 with a short text; OBR-25 and OBX-11 say preliminary, final or corrected."""
        obr = _segment("OBR", {**_obr_fields(exam), 22: _ts(now), 25: status})
        body = [pid(exam.patient), _pv1_of(exam), obr]
        for number, line in enumerate(_reading(exam), 1):
            body.append(_segment("OBX", {1: str(number), 2: "TX", 3: "GDT^Report^L", 5: escape(line), 11: status}))
        return self._write("ORU^R01", "2.3.1", now, body)

    def _write(self, message_type: str, version: str, now: datetime, body: list[str]) -> Written:
        control_id = f"{self._series}{next(self._numbers):07d}"
        header = {
            3: APPLICATION,
            4: FACILITY,
            5: "RADRECON",
            6: FACILITY,
            7: _ts(now),
            9: message_type,
            10: control_id,
            11: "P",
            12: version,
            18: "UNICODE UTF-8",
        }
        msh = "MSH|^~\\&|" + "|".join(header.get(field, "") for field in range(3, 19))
        short = "^".join(message_type.split("^")[:2])
        return Written(control_id, short, "\r".join((msh, *body)) + "\r")


def escape(text: str) -> str:
    return text.translate(ESCAPES)


def cx(patient: Demographics) -> str:
    number = patient.patient_id
    return f"{escape(number.value)}^^^{escape(number.issuer)}^MR"


def xpn(patient: Demographics) -> str:
    """XPN: suffix before prefix, other than PN; one repetition per representation (XPN-8)."""
    name = patient.name
    groups = (name.alphabetic, name.ideographic, name.phonetic)
    several = bool(name.ideographic)
    return "~".join(_xpn(g, r if several else "") for g, r in zip(groups, REPRESENTATIONS, strict=True) if g)


def _xpn(group: NameGroup, representation: str) -> str:
    parts = (group.family, group.given, group.middle, group.suffix, group.prefix, "", "L", representation)
    return "^".join(escape(part) for part in parts).rstrip("^")


def pid(patient: Demographics) -> str:
    born = patient.birth_date.replace("-", "")
    return _segment("PID", {1: "1", 3: cx(patient), 5: xpn(patient), 7: born, 8: patient.sex})


def zds(exam: Exam) -> str:
    return _segment("ZDS", {1: f"{exam.study_instance_uid}^{APPLICATION}^Application^DICOM"})


def _evn(event: str, now: datetime) -> str:
    return _segment("EVN", {1: event, 2: _ts(now), 6: _ts(now)})


def _pv1(patient_class: str = "O", location: str = "", visit_number: str = "") -> str:
    return _segment("PV1", {1: "1", 2: patient_class, 3: location, 8: "4711^Referrer^Rita", 19: visit_number})


def _pv1_of(exam: Exam) -> str:
    return _pv1(exam.patient_class, exam.station.location, exam.visit_number)


def _orc(exam: Exam, control: tuple[str, str], now: datetime) -> str:
    timing = f"1^once^^{_ts(exam.start)}^^{exam.priority}"
    numbers = {2: f"{exam.placer_order_number}^SIMHIS", 3: f"{exam.filler_order_number}^{APPLICATION}"}
    return _segment("ORC", {1: control[0], **numbers, 5: control[1], 7: timing, 9: _ts(now), 12: _physician()})


def _obr_fields(exam: Exam) -> dict[int, str]:
    procedure = exam.procedure
    code = f"{procedure.code}^{escape(procedure.description)}^SIMCODE"
    return {
        1: "1",
        2: f"{exam.placer_order_number}^SIMHIS",
        3: f"{exam.filler_order_number}^{APPLICATION}",
        4: f"{code}^{code}",
        16: _physician(),
        18: exam.accession_number,
        19: exam.requested_procedure_id,
        20: exam.scheduled_procedure_step_id,
        24: procedure.modality,
    }


def _obr(exam: Exam, times: dict[int, str]) -> str:
    timing = f"1^once^^{_ts(exam.start)}^^{exam.priority}"
    procedure = f"{exam.procedure.code}^{escape(exam.procedure.description)}^SIMCODE"
    return _segment("OBR", {**_obr_fields(exam), **times, 27: timing, 31: "^Check for change", 44: procedure})


def _observed(begun: datetime | None, ended: datetime | None) -> dict[int, str]:
    return {field: _ts(when) for field, when in ((7, begun), (8, ended)) if when}


def _obr_2_5(exam: Exam, times: dict[int, str]) -> str:
    procedure = f"{exam.procedure.code}^{escape(exam.procedure.description)}^SIMCODE"
    kept = {field: text for field, text in _obr_fields(exam).items() if field not in {18, 19, 20}}
    return _segment("OBR", {**kept, **times, 44: procedure})


def _tq1(exam: Exam) -> str:
    return _segment("TQ1", {1: "1", 7: _ts(exam.start), 9: exam.priority})


def _ipc(exam: Exam) -> str:
    protocol = f"{exam.procedure.code}^{escape(exam.procedure.description)}^SIMCODE"
    identifiers = {
        1: f"{exam.accession_number}^{APPLICATION}",
        2: f"{exam.requested_procedure_id}^{APPLICATION}",
        3: f"{exam.study_instance_uid}^{APPLICATION}",
        4: f"{exam.scheduled_procedure_step_id}^{APPLICATION}",
    }
    station = {7: exam.station.name, 8: exam.station.location, 9: exam.station.ae_title}
    return _segment("IPC", {**identifiers, 5: exam.procedure.modality, 6: protocol, **station})


def _physician() -> str:
    return "0815^Orderly^Otto^^^Dr"


def _reading(exam: Exam) -> tuple[str, ...]:
    return (
        f"{exam.procedure.description}",
        "Findings: no acute abnormality in this simulated exam.",
        "Impression: normal study & no follow-up.",
    )


def _segment(name: str, fields: dict[int, str]) -> str:
    return "|".join((name, *(fields.get(number, "") for number in range(1, max(fields) + 1))))


def _ts(when: datetime) -> str:
    """HL7 TS to the second; an aware time states its zone."""
    return when.strftime("%Y%m%d%H%M%S") + (when.strftime("%z") if when.tzinfo else "")
