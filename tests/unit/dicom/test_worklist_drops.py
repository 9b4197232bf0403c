"""What a modality would drop an entry for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from radrecon.dicom.worklist import Profile, would_drop
from radrecon.model.names import PersonName
from radrecon.model.order import Code
from radrecon.model.patient import PatientId
from tests.unit.dicom.worklist_orders import WORKLIST

ORDER, STEP = WORKLIST[0]


def patient(**more: Any) -> dict[str, Any]:
    return {"patient": replace(ORDER.patient, **more)}


@pytest.mark.parametrize(
    ("profile", "order", "step", "why"),
    [
        (Profile(), {}, {}, ""),
        (Profile(device="ge brivo"), {}, {}, ""),
        (Profile(), {"accession_number": "X" * 18}, {}, "AccessionNumber has 18 characters, and SH holds 16"),
        (Profile(), patient(name=PersonName.parse("L" * 65)), {}, "PatientName has 65 characters, and PN holds 64"),
        (Profile(), patient(name=PersonName()), {}, ""),
        (Profile(device="ge brivo"), patient(name=PersonName()), {}, "PatientName is not known, UNKNOWN stands in"),
        (Profile(device="ge brivo"), patient(patient_id=PatientId("")), {}, "PatientID is not known"),
        (Profile(device="ge brivo"), {}, {"station_ae_title": ""}, "ScheduledStationAETitle is not known"),
        (Profile(device="ge brivo"), {}, {"start": ""}, "ScheduledProcedureStepStartDate is empty"),
        (Profile(device="ge brivo"), patient(birth_date="1960"), {}, "PatientBirthDate 1960 is no whole date"),
        (Profile(needs=("PatientBirthDate",)), patient(birth_date=""), {}, "PatientBirthDate is empty"),
        (Profile(device="siemens aristos"), {"requested_procedure_code": Code("RPC")}, {}, "the code RPC is not"),
        (Profile(charset="ISO_IR 100"), patient(name=PersonName.parse("山田^太郎")), {},
         "PatientName is sent as U+5C71U+7530^U+592AU+90CE: ISO_IR 100 has not all of its letters"),
    ],
)  # fmt: skip
def test_what_a_modality_would_drop_is_said(
    profile: Profile, order: dict[str, Any], step: dict[str, Any], why: str
) -> None:
    found = would_drop(replace(ORDER, **order), replace(STEP, **step), profile)
    assert bool(found) is bool(why)
    assert any(line.startswith(why) for line in found) is bool(why)
