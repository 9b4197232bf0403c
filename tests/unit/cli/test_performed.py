from __future__ import annotations

from radrecon.model.performed import PerformedSeries, PerformedStatus, PerformedStep, Placed, Placement, StepReference
from radrecon.store import performed
from radrecon.store.database import Store
from tests.builders import NOW, demographics
from tests.store.hospital import Hospital
from tests.unit.cli.conftest import Radrecon

KEYS = {
    "id", "sop_instance_uid", "status", "accession_number", "patient_id", "patient_name", "study_instance_uid",
    "performed_station_ae_title", "started_at", "series", "instances", "order_ids", "flags", "references",
}  # fmt: skip


def perform(store: Store, order_id: int) -> None:
    named = StepReference("1.1", "A100")
    step = PerformedStep(
        status=PerformedStatus.COMPLETED, station_ae_title="CT1", patient=demographics("0001"), references=(named,),
        series=(PerformedSeries("1.1.1", images=4),),
    )  # fmt: skip
    with store.transaction() as conn:
        number = performed.add(conn, "9.1", step, at=NOW, person_id=0, peer="CT1", address="")
        performed.set_placed(conn, number, [Placed(named, Placement.APPLIED, order_id, 1)])
    store.close()


def test_no_step_is_an_empty_array_or_a_sentence(radrecon: Radrecon, hospital: Hospital) -> None:
    assert radrecon("performed", "--json").json == []
    assert radrecon("performed").out == "No performed step.\n"


def test_steps_are_listed_and_shown_with_their_order_and_study(radrecon: Radrecon, hospital: Hospital) -> None:
    perform(hospital.store, hospital.order_anna)
    (row,) = radrecon("performed", "--query", "accession:A100", "--json").json
    assert set(row) >= KEYS
    assert row["order_ids"] == [hospital.order_anna]
    assert "COMPLETED" in radrecon("performed").out
    for noun, number in (("order", hospital.order_anna), ("study", hospital.linked)):
        assert radrecon("show", noun, str(number), "--json").json["performed"] == [row]
        said = radrecon("show", noun, str(number)).out
        assert "performed at CT1: COMPLETED, 1 series, 4 instances" in said
