"""Modality performed procedure steps: N-CREATE and N-SET data sets → values (PS3.4 F.7, PS3.3 C.4.13–C.4.15).

Modalities leave out, empty and misplace what the standard asks for. Whatever can be read is; only bytes that are no
data set at all, and a status that nobody knows, are errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from radrecon.dicom import charset
from radrecon.dicom.elements import Item, parse
from radrecon.dicom.identity import SEXES, iso_date, iso_date_time
from radrecon.dicom.uids import is_uid
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.order import Code
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.performed import PerformedSeries, PerformedStatus, PerformedStep, StepReference

MODALITY_PERFORMED_PROCEDURE_STEP = "1.2.840.10008.3.1.2.3.3"

SPECIFIC_CHARACTER_SET = 0x00080005
SCHEDULED_STEP_ATTRIBUTES, PERFORMED_SERIES = 0x00400270, 0x00400340
REFERENCED_STUDY, REFERENCED_INSTANCE = 0x00081110, 0x00081155
IMAGES, OTHERS = 0x00081140, 0x00400220
PROCEDURE_CODE, DISCONTINUATION_REASON, OTHER_PATIENT_IDS = 0x00081032, 0x00400281, 0x00101002
STATUS = 0x00400252
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
SPELLINGS = {"COMPLETE": "COMPLETED", "INPROGRESS": "IN PROGRESS", "STARTED": "IN PROGRESS"}
LONGEST = 1024  # characters kept of any text


def read_performed(data_set: bytes, transfer_syntax: str) -> PerformedStep:
    """What a data set says. Raises ContentError: its location names a bad attribute, "" stands for no data set."""
    item = parse(data_set, transfer_syntax)
    return _Reader(item).performed(item)


class _Reader:
    """Texts of one data set in its character set."""

    def __init__(self, whole: Item) -> None:
        found = whole.get(SPECIFIC_CHARACTER_SET)
        self._charset = charset.terms(found.value) if found else ()

    def performed(self, item: Item) -> PerformedStep:
        return PerformedStep(
            performed_procedure_step_id=self.text(item, 0x00400253),
            status=_status(self.text(item, STATUS)),
            modality=self.text(item, 0x00080060).upper(),
            station_ae_title=self.text(item, 0x00400241),
            station_name=self.text(item, 0x00400242),
            location=self.text(item, 0x00400243),
            start=self.moment(item, 0x00400244, 0x00400245),
            end=self.moment(item, 0x00400250, 0x00400251),
            description=self.text(item, 0x00400254),
            comments=self.text(item, 0x00400280),
            study_id=self.text(item, 0x00200010),
            procedure_code=self.code(item, PROCEDURE_CODE),
            discontinuation_reason=self.code(item, DISCONTINUATION_REASON),
            patient=self.patient(item),
            references=tuple(self.references(item)),
            series=tuple(self.series(item)),
        )

    # -- values -------------------------------------------------------------------------------------------------------

    def text(self, item: Item, tag: int) -> str:
        """Without padding; "" where the attribute is absent, empty or a sequence."""
        element = item.get(tag)
        return CONTROL.sub("", charset.decode(element.value, self._charset)).strip()[:LONGEST] if element else ""

    def moment(self, item: Item, day: int, clock: int) -> str:
        return iso_date_time(self.text(item, day), self.text(item, clock))

    def code(self, item: Item, tag: int) -> Code:
        """The first code of a sequence; a value or a meaning alone is kept too."""
        for one in _items(item, tag):
            found = Code(self.text(one, 0x00080100), self.text(one, 0x00080102), self.text(one, 0x00080104))
            if found.value or found.meaning:
                return found
        return Code()

    def patient(self, item: Item) -> Demographics:
        sex = self.text(item, 0x00100040).upper()
        others = (
            PatientId(self.text(one, 0x00100020), self.text(one, 0x00100021)) for one in _items(item, OTHER_PATIENT_IDS)
        )
        return Demographics(
            PatientId(self.text(item, 0x00100020), self.text(item, 0x00100021)),
            PersonName.parse(self.text(item, 0x00100010).split("\\")[0]),
            iso_date(self.text(item, 0x00100030)),
            sex if sex in SEXES else "",
            tuple(dict.fromkeys(one for one in others if one)),
        )

    # -- sequences ----------------------------------------------------------------------------------------------------

    def references(self, item: Item) -> Iterator[StepReference]:
        """Each step named; what stands beside the sequence instead of in it is taken where there is none."""
        found = [self.reference(one) for one in _items(item, SCHEDULED_STEP_ATTRIBUTES)]
        beside = self.reference(item)
        yield from dict.fromkeys(one for one in (found or [beside]) if one != StepReference())

    def reference(self, item: Item) -> StepReference:
        studies = (self.uid(one, REFERENCED_INSTANCE) for one in _items(item, REFERENCED_STUDY))
        return StepReference(
            study_instance_uid=self.uid(item, 0x0020000D) or next((uid for uid in studies if uid), ""),
            accession_number=self.text(item, 0x00080050),
            requested_procedure_id=self.text(item, 0x00401001),
            scheduled_procedure_step_id=self.text(item, 0x00400009),
            placer_order_number=self.text(item, 0x00402016),
            filler_order_number=self.text(item, 0x00402017),
        )

    def series(self, item: Item) -> Iterator[PerformedSeries]:
        """Each series once; one that comes twice is whole in its last item."""
        found = {}
        for one in _items(item, PERFORMED_SERIES):
            if uid := self.uid(one, 0x0020000E):
                found[uid] = PerformedSeries(
                    uid,
                    protocol_name=self.text(one, 0x00181030),
                    description=self.text(one, 0x0008103E),
                    performing_physician=self.text(one, 0x00081050),
                    operators=self.text(one, 0x00081070),
                    retrieve_ae_title=self.text(one, 0x00080054),
                    images=_count(one, IMAGES),
                    others=_count(one, OTHERS),
                )
        yield from found.values()

    def uid(self, item: Item, tag: int) -> str:
        text = self.text(item, tag)
        return text if is_uid(text) else ""


def _items(item: Item, tag: int) -> Iterable[Item]:
    element = item.get(tag)
    return element.items if element else ()


def _count(item: Item, tag: int) -> int:
    return sum(1 for one in _items(item, tag) if one)


def _status(text: str) -> PerformedStatus | None:
    """None where it is not stated. Raises ContentError for a word that is no status."""
    plain = " ".join(text.upper().replace("_", " ").split())
    if not plain:
        return None
    try:
        return PerformedStatus(SPELLINGS.get(plain, plain))
    except ValueError as error:
        raise ContentError("Performed Procedure Step Status is none that exists", "(0040,0252)") from error
