from __future__ import annotations

import pytest

from radrecon.config import ModalityConfig
from radrecon.model.order import StepStatus
from radrecon.recon.ris_scope import callers_in_scope, in_scope, window
from tests.builders import NOW, order, step

CT1 = ModalityConfig(ae_title="CT1", modalities=["CT"], station_names=["ROOM1"])
BETWEEN = window(CT1, "UTC", NOW)


def test_the_window_is_the_sites_wall_clock() -> None:
    assert BETWEEN == ("2026-11-22T02:00:00", "2026-11-24T14:00:00")
    assert window(CT1, "Europe/Berlin", NOW) == ("2026-11-22T03:00:00", "2026-11-24T15:00:00")


@pytest.mark.parametrize(
    ("changes", "belongs"),
    [
        ({}, True),
        ({"station_ae_title": ""}, True),
        ({"station_ae_title": "CT2"}, False),
        ({"station_ae_title": "", "station_name": "ROOM1"}, True),
        ({"station_ae_title": "", "station_name": "ROOM2"}, False),
        ({"modality": "ct"}, True),
        ({"modality": "MR"}, False),
        ({"modality": ""}, False),
        ({"start": ""}, False),
        ({"start": "2026-11-22T01:59"}, False),
        ({"start": "2026-11-24T14:00:00"}, True),
        ({"start": "2026-11-25T09:00"}, False),
        ({"status": StepStatus.ARRIVED}, True),
        ({"status": StepStatus.STARTED}, False),
        ({"status": StepStatus.CANCELLED}, False),
    ],
)
def test_what_belongs_on_a_modalitys_list(changes: dict[str, str], belongs: bool) -> None:
    assert in_scope(order(), step(**changes), CT1, BETWEEN) is belongs


def test_a_modality_that_names_no_kind_gets_what_names_it() -> None:
    anything = ModalityConfig(ae_title="CT1")
    assert in_scope(order(), step(modality="XA"), anything, BETWEEN)
    assert not in_scope(order(), step(station_ae_title=""), anything, BETWEEN)


def test_a_step_for_no_station_is_judged_only_where_it_is_surely_of_this_site() -> None:
    north = CT1.model_copy(update={"site": "north", "locations": ["Room 1"], "senders": ["RISN"]})
    free = step(station_ae_title="")
    assert in_scope(order(), step(), north, BETWEEN)
    assert not in_scope(order(sender="RISS"), free, north, BETWEEN)
    assert in_scope(order(sender="risn"), free, north, BETWEEN)
    assert in_scope(order(sender="RISS"), step(station_ae_title="", location="ROOM 1"), north, BETWEEN)
    assert not in_scope(order(sender="RISN"), step(station_ae_title="", location="Room 9"), north, BETWEEN)


def test_a_step_in_a_state_that_the_list_leaves_out_is_not_missed() -> None:
    arrived = CT1.model_copy(update={"statuses": ["ARRIVED"]})
    assert not in_scope(order(), step(), arrived, BETWEEN)
    assert in_scope(order(), step(status=StepStatus.ARRIVED), arrived, BETWEEN)


def test_an_order_belongs_where_any_of_its_steps_does() -> None:
    two = order(steps=(step(), step(station_ae_title="CT2", sps="S2")))
    others = (CT1, ModalityConfig(ae_title="CT2", modalities=["CT"]), ModalityConfig(ae_title="CT3", modalities=["CT"]))
    windows = dict.fromkeys(("CT1", "CT3"), BETWEEN)
    assert [one.ae_title for one in callers_in_scope(two, others, windows)] == ["CT1"]
