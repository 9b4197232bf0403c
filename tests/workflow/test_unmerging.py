"""A merge moves everything, and an unmerge brings it back: the whole index before and after, on both databases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from radrecon.model.correction import IndexChange
from radrecon.store import tables as t
from radrecon.workflow import index_changes
from tests.builders import demographics, series, study
from tests.unit.dicom import performed as sets
from tests.unit.dicom.performed import completion, creation, scheduled
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, merge, order, pid, report
from tests.workflow.modality import Modality
from tests.workflow.test_appointments import siu

KARL = demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")
KARLS_PID = pid("2000002", "BAUER^KARL", "19851224", "M")
AS_KARL = {"PatientID": "2000002", "PatientName": "BAUER^KARL", "PatientBirthDate": "19851224", "PatientSex": "M"}

WHOSE = (t.imaging_order, t.visit, t.performed_step, t.appointment)
WHOLE = (t.order_key, t.person_key, t.study_key, t.step)
LEFT_OUT = {"version", "updated_at", "retired_at"}


def everything(hospital: Hospital) -> dict[str, Any]:
    """Who is whose, by table; keys, steps, links, live cases, the worklist."""
    with hospital.store.reading() as conn:
        found: dict[str, Any] = {
            table.name: sorted(map(tuple, conn.execute(sa.select(table.c.id, table.c.person_id)).all()))
            for table in WHOSE
        }
        found |= {table.name: sorted(map(repr, conn.execute(table.select()).all())) for table in WHOLE}
        for table in (t.person, t.identifier):
            columns = [column for column in table.columns if column.name not in LEFT_OUT]
            found[table.name] = sorted(map(repr, conn.execute(sa.select(*columns)).all()))
        s = t.study.c
        found["study"] = sorted(map(tuple, conn.execute(sa.select(s.id, s.person_id, s.judged, s.not_judged)).all()))
        r = t.report.c
        found["report"] = sorted(map(tuple, conn.execute(sa.select(r.id, r.order_id)).all()))
    return found | {"state": hospital.state(), "worklist": sorted(hospital.worklist())}


def two_patients(hospital: Hospital) -> None:
    """Each with an order that was performed, seen and reported, another that waits, an appointment and a visit."""
    hospital.hears(adt("A01"), adt("A01", "2000002", "BAUER^KARL", "19851224", "M"))
    for who, accession, uid, who_pid, said in (
        (demographics(), "A100", "1.2.3", pid(), {}),
        (KARL, "A200", "1.2.4", KARLS_PID, AS_KARL),
    ):
        visit = f"PV1|1|I|WARD||||||||||||||||V{accession}"
        hospital.hears(order(accession, who_pid, uid=uid, visit=visit), order(f"{accession}9", who_pid))
        hospital.hears(siu(ids=f"FA{accession}", orders=f"F-{accession}9", patient=who_pid))
        modality = Modality(hospital)
        modality.begins(f"9.{accession}"[:3] + uid[-1], creation(scheduled(accession, uid), **said))
        modality.goes_on(f"9.{accession}"[:3] + uid[-1], completion(sets.series(f"{uid}.1", 2)))
        hospital.sees(study(uid, accession, who, series=(series(uid),)))
        hospital.hears(report(accession, patient=who_pid))
    hospital.later(86_400)
    hospital.reconcile()


@on_both
def test_what_was_merged_comes_back_as_it_was(hospital: Hospital) -> None:
    two_patients(hospital)
    before = everything(hospital)
    assert before["state"][1] == [("1.2.3", "A100", "auto"), ("1.2.4", "A200", "auto")]
    survivor, loser = hospital.person().id, hospital.person("2000002").id
    hospital.hears(merge("1000001", "2000002"))
    merged = everything(hospital)
    assert {whose for name in ("imaging_order", "appointment", "performed_step") for _, whose in merged[name]} == {
        survivor
    }
    assert {person_id for _, person_id, *_ in merged["study"]} == {survivor}
    change = IndexChange("unmerge", "", values={"survivor_id": survivor, "non_survivor_id": loser})
    with hospital.store.transaction() as conn:
        index_changes.apply(conn, [change], 0, hospital.now, undo=True)
    hospital.reconcile()
    after = everything(hospital)
    assert {name: after[name] for name in after if after[name] != before[name]} == {}
