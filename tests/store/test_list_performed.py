from __future__ import annotations

import pytest

from radrecon.config import Config, ModalityConfig, SiteConfig
from radrecon.model.order import Code
from radrecon.model.performed import PerformedSeries, PerformedStatus, PerformedStep, Placed, Placement, StepReference
from radrecon.store import listings, performed, settings
from radrecon.store.database import Store
from tests.builders import NOW, demographics

NAMED = StepReference("1.2.3", "A100", "RP", "S1")
SITE = Config(
    site=SiteConfig(time_zone="Europe/Berlin"), modality=[ModalityConfig(ae_title="MR9", time_zone="Europe/London")]
)


@pytest.fixture
def heard(store: Store) -> Store:
    """Anna's wrong pick at CT1, and an unscheduled one at MR9."""
    picked = PerformedStep(
        status=PerformedStatus.DISCONTINUED, station_ae_title="CT1", modality="CT", start="2026-11-22T14:34:00",
        patient=demographics(), references=(NAMED,), series=(PerformedSeries("1.5", images=2, others=1),),
        discontinuation_reason=Code("110514", "DCM", "wrong"),
    )  # fmt: skip
    unscheduled = PerformedStep(
        status=PerformedStatus.IN_PROGRESS, station_ae_title="MR9", start="2026-11-22T14:34", references=(),
        patient=demographics("T9", "DOE^JANE"),
    )  # fmt: skip
    with store.transaction() as conn:
        settings.save_config(conn, SITE)
        first = performed.add(conn, "9.1", picked, at=NOW, person_id=3, peer="CT1", address="")
        performed.set_placed(conn, first, [Placed(NAMED, Placement.APPLIED, 5, 50)])
        second = performed.add(conn, "9.2", unscheduled, at=NOW, person_id=0, peer="MR9", address="")
        performed.set_placed(conn, second, [Placed(StepReference("7.7"))])
        performed.give_up(conn, [second])
    return store


def test_the_newest_comes_first_with_what_it_names(heard: Store) -> None:
    with heard.reading() as conn:
        second, first = listings.performed(conn)
    assert (first.accession_number, first.study_instance_uid, first.order_ids) == ("A100", "1.2.3", (5,))
    assert (first.series, first.instances, first.flags) == (1, 3, ("wrong_worklist_entry",))
    assert first.discontinuation_reason == "110514 DCM wrong"
    assert first.references[0]["placement"] == "applied"
    assert first.series_facts[0]["images"] == 2
    assert second.flags == ("unscheduled", "never_ended")


def test_a_modalitys_clock_is_shown_in_its_own_zone(heard: Store) -> None:
    with heard.reading() as conn:
        second, first = listings.performed(conn)
    assert first.started_at == "2026-11-22T14:34:00+01:00"
    assert second.started_at == "2026-11-22T14:34:00+00:00"


@pytest.mark.parametrize(
    ("query", "found"),
    [("mrn:1000001", ["9.1"]), ("accession:A100", ["9.1"]), ("uid:7.7", ["9.2"]), ("modality:CT", ["9.1"]),
     ("station:MR9", ["9.2"]), ("status:discontinued", ["9.1"]), ("doe", ["9.2"]), ("mrn:404", []),
     ("kind:wrong_worklist_entry", ["9.1"]), ("kind:unscheduled", ["9.2"]), ("kind:never_ended", ["9.2"]),
     ("kind:not_found", ["9.2"]), ("kind:patient_conflict", []), ("-kind:unscheduled", ["9.1"])],
)  # fmt: skip
def test_steps_are_searched_by_what_people_know_of_them(heard: Store, query: str, found: list[str]) -> None:
    with heard.reading() as conn:
        assert [row.sop_instance_uid for row in listings.performed(conn, query=query)] == found


def test_an_order_and_a_study_have_their_own(heard: Store) -> None:
    with heard.reading() as conn:
        assert [row.id for row in listings.performed_of_order(conn, 5)] == [1]
        assert [row.id for row in listings.performed_of_study(conn, "1.2.3")] == [1]
        assert listings.performed_of_order(conn, 6) == []
        assert listings.performed_of_study(conn, "") == []
