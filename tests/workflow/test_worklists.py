"""What a station gets now, and why an order is not among it: the list, the server's decision and the words agree."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from radrecon.config import Config, ModalityConfig, SiteConfig
from radrecon.model.errors import NotFound
from radrecon.model.order import StepStatus
from radrecon.store import orders, settings, worklist
from radrecon.store.life import database_now
from radrecon.workflow.explaining import explain
from radrecon.workflow.worklists import station_list
from tests.builders import demographics, order, step
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, pid
from tests.workflow.messages import order as heard

CT1 = ModalityConfig(ae_title="CT1", modalities=["CT"], device="ge brivo", max_results=2)


def hours(now: datetime, number: float) -> str:
    return (now + timedelta(hours=number)).replace(tzinfo=None).isoformat()[:19]


@pytest.fixture(name="now")
def filled(hospital: Hospital) -> datetime:
    """A1 and A2 are on the list of CT1, A3 is beyond its limit, the others are kept out by one thing each."""
    with hospital.store.transaction() as conn:
        now = database_now(conn)
        settings.save_config(conn, Config(site=SiteConfig(time_zone="UTC"), modality=[CT1]))
        steps = {
            "A1": step(start=hours(now, 1)),
            "A2": step(start=hours(now, 2), station_ae_title=""),
            "A3": step(start=hours(now, 3)),
            "A4": step(start=hours(now, 50)),
            "A5": step(start=hours(now, 1), station_ae_title="CT2"),
            "A6": step(start=hours(now, 1), modality="MR"),
            "A7": step(start=hours(now, 1), status=StepStatus.COMPLETED),
        }
        for number, (accession, one) in enumerate(steps.items()):
            name = "MEYER^EVA" if number == 0 else "MAIER^EVA" if number == 1 else f"X{number}^Y"
            orders.save(conn, order(accession, demographics(str(number + 1), name), steps=(one,)), at=now)
    return now


@on_both
def test_the_list_holds_what_the_station_gets_with_what_is_odd(hospital: Hospital, now: datetime) -> None:
    first, second = station_list(hospital.store, "CT1", now)
    assert (first.accession_number, second.accession_number) == ("A1", "A2")
    assert (first.similar_to, second.similar_to) == ((second.id,), (first.id,))
    assert second.warnings == ("ScheduledStationAETitle is not known, UNKNOWN stands in for it",)
    assert [row.accession_number for row in station_list(hospital.store, "CT1", now, query="acc:A2")] == ["A2"]
    assert len(station_list(hospital.store, "CT1", now, limit=1)) == 1


@on_both
def test_an_entry_whose_order_was_heard_for_another_patient_is_warned_of(hospital: Hospital) -> None:
    """The number of one and the name, birth date and sex of another: the console shows the number's owner."""
    karl = pid(name="BAUER^KARL", born="19851224", sex="M")
    hospital.hears(adt("A04"), heard("A100"), heard("A200", karl))
    known, other = station_list(hospital.store, "*", hospital.now)
    assert (known.patient_name, other.patient_name) == ("FISCHER^ANNA", "FISCHER^ANNA")
    assert not any("somebody else" in one for one in known.warnings)
    assert any("somebody else" in one for one in other.warnings)


@pytest.mark.parametrize(
    ("accession", "rule"),
    [
        ("A1", ""),
        ("A2", ""),
        ("A3", "Limit"),
        ("A4", "date of the list"),
        ("A5", "station of the list"),
        ("A6", "modality of the list"),
        ("A7", "Scheduled Procedure Step Status"),
        ("A9", "Order"),
    ],
)
def test_one_rule_keeps_an_order_out(hospital: Hospital, now: datetime, accession: str, rule: str) -> None:
    found = explain(hospital.store, "CT1", accession, now)
    assert (found.rule, found.on_list) == (rule, not rule)


@on_both
def test_a_recorded_query_is_asked_again_as_it_was(hospital: Hospital, now: datetime) -> None:
    with hospital.store.transaction() as conn:
        for at, criteria in ((now, {"accession_number": ["A4"]}), (now - timedelta(minutes=5), {})):
            worklist.record(
                conn, at=at, peer_ae_title="CT1", address="127.0.0.1", keys={}, matches=1, milliseconds=1,
                status="0000", criteria=criteria,
            )  # fmt: skip
    assert explain(hospital.store, "", "A4", now, query_id=1).on_list
    assert explain(hospital.store, "", "A1", now, query_id=1).rule == "Accession Number"
    assert explain(hospital.store, "", "A1", now, query_id=2).rule == "Time of the query"
    with pytest.raises(NotFound):
        explain(hospital.store, "", "A1", now, query_id=3)
