"""What a query that leaves things open is narrowed to, and what never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from radrecon.config import Config, ModalityConfig, SiteConfig
from radrecon.dicom.worklist import Asked, Profiles, WorklistQuery, hint
from radrecon.model.order import Order, Step, StepStatus
from tests.unit.dicom.worklist_orders import entry

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NORTH = ModalityConfig(ae_title="CT2", site="North", modalities=["CT"], station_names=["Somatom"], senders=["RISN"],
                       locations=["Room 2"])  # fmt: skip
SOUTH = ModalityConfig(ae_title="CT9", site="South", modalities=["CT"], senders=["RISS"], locations=["Room 9"])
POOL = ModalityConfig(ae_title="CT3", stations=["CT3", "CT4"], modalities=["ct"], statuses=["ARRIVED"])


def asked(ae: str = "CT2", zone: str = "UTC", *more: ModalityConfig, **query: Any) -> Asked:
    config = Config(site=SiteConfig(time_zone=zone), modality=[*more, NORTH, SOUTH, POOL])
    return Profiles(config).of(ae).asked(WorklistQuery(**query), NOW)


def rule(one: Asked, pair: tuple[Order, Step]) -> str:
    found = one.objection(*pair)
    return f"{found.rule}: {found.words()}" if found else ""


def step(station: str = "CT2", start: str = "2026-11-22T13:00:00", **more: Any) -> tuple[Order, Step]:
    sender = more.pop("sender", "")
    order, made = entry("A1", "100", "SMITH^JOHN", more.pop("modality", "CT"), station, start, **more)
    return replace(order, sender=sender), made


@pytest.mark.parametrize(
    ("pair", "why"),
    [
        (step(), ""),
        (step("", station_name="SOMATOM "[:-1]), ""),
        (step(""), ""),
        (step("", start=""), ""),
        (step("CT1"), "station of the list: it is on the list of CT1"),
        (step("CT1", station_name="Somatom"), ""),
        (step("", station_name="Ingenia"), "station of the list: it is on the list of Ingenia"),
        (step(modality="MR"), "modality of the list: its modality is MR, and the list of CT2 is CT"),
        (step(modality=""), ""),
        (step(location="Room 7"), "location of the list: its location is Room 7, which is none of CT2's"),
        (step(start="2026-11-24T12:00:00"), ""),
        (step(start="2026-11-24T12:01:00"), "date of the list: it starts 2026-11-24 12:01:00, more than 48 hours"),
        (step(start="2026-11-22T00:00:00"), ""),
        (step(start="2026-11-21T23:59:00"), "date of the list: it started 2026-11-21 23:59:00, more than 12 hours ago"),
        (step(start="2026-11-22"), ""),
        (step("CT9"), "Site: it is on the list of CT9, of another site than North"),
        (step("", location="room 9"), "Site: it is at the location room 9, of another site than North"),
        (step("", sender="RISS"), "Site: it is from the sender RISS, of another site than North"),
        (step(status=StepStatus.STARTED), "Scheduled Procedure Step Status: the step is started"),
    ],
)  # fmt: skip
def test_a_query_for_everything_gets_what_is_the_modalitys(pair: tuple[Order, Step], why: str) -> None:
    found = rule(asked(), pair)
    assert found.startswith(why)
    assert bool(found) is bool(why)


@pytest.mark.parametrize(
    ("query", "narrowed"),
    [
        ({}, ("station", "modality", "location", "date")),
        ({"date_from": "2026-11-30"}, ("station", "modality", "location")),
        ({"time_from": "08:00:00"}, ("station", "modality", "location", "date")),
        ({"modality": ("MR",)}, ("station", "location", "date")),
        ({"station_ae_title": ("CT1",)}, ("modality", "location", "date")),
        ({"location": ("*",), "patient_name": ("SMITH",)}, ("station", "modality", "date")),
        ({"patient_id": ("10*",)}, ("station", "modality", "location", "date")),
        ({"patient_id": ("100",)}, ()),
        ({"accession_number": ("A1",)}, ()),
    ],
)
def test_only_what_was_left_open_is_narrowed(query: dict[str, Any], narrowed: tuple[str, ...]) -> None:
    assert asked(**query).narrowed == narrowed


def test_who_names_a_patient_finds_a_patient_who_comes_early_but_not_another_sites() -> None:
    one = asked(accession_number=("A1",))
    assert rule(one, step("CT1", "2026-12-24T08:00:00", modality="MR")) == ""
    assert rule(one, step("CT9")).startswith("Site")


def test_a_pool_gets_the_steps_of_all_its_stations() -> None:
    arrived = {"status": StepStatus.ARRIVED}
    assert [rule(asked("CT3"), step(title, **arrived)) for title in ("CT3", "CT4")] == ["", ""]
    assert rule(asked("CT3"), step("CT5", **arrived)) == "station of the list: it is on the list of CT5"
    assert "which this list leaves out" in rule(asked("CT3"), step("CT3"))


def test_an_ae_title_that_two_sites_share_tells_nothing_and_the_address_tells_who_asks() -> None:
    same = NORTH.model_copy(update={"ae_title": "CT9", "address": "10.1.0.1"})
    config = Config(site=SiteConfig(time_zone="UTC"), modality=[same, SOUTH])
    profiles = Profiles(config)
    north = profiles.of("CT9", "10.1.0.1").asked(WorklistQuery(), NOW)
    south = profiles.of("CT9", "10.2.0.1").asked(WorklistQuery(), NOW)
    assert (north.scope.site, south.scope.site) == ("North", "South")
    of_south = step("CT9", sender="RISS")
    assert rule(north, of_south).startswith("Site")
    assert rule(south, of_south) == ""


def test_a_modality_in_another_zone_asks_and_is_answered_in_its_own_clock() -> None:
    west = ModalityConfig(ae_title="US1", time_zone="America/New_York", stations=["*"])
    one = asked("US1", "Europe/Berlin", west, date_from="2026-11-22", date_to="2026-11-22", time_from="07:00:00",
                time_to="07:59:59")  # fmt: skip
    assert one.now == datetime(2026, 11, 22, 7)
    assert rule(one, step(start="2026-11-22T13:30:00")) == ""
    assert rule(one, step(start="2026-11-22T07:30:00")).startswith("Scheduled Procedure Step Start")
    assert (hint(one).date_from, hint(one).date_to) == ("2026-11-21", "2026-11-23")


def test_a_modality_in_another_zone_may_ask_until_the_end_of_the_calendar_and_a_start_may_stand_there() -> None:
    east = ModalityConfig(ae_title="US1", time_zone="Pacific/Kiritimati", stations=["*"])
    one = asked("US1", "UTC", east, date_from="0001-01-01", date_to="9999-12-31")
    assert (hint(one).date_from, hint(one).date_to) == ("0001-01-01", "9999-12-31")
    assert one.takes(*step("US1", "2026-11-22T13:00:00"))
    assert one.takes(*step("US1", "9999-12-31T23:59:00"))


def test_the_store_is_asked_for_no_less_than_the_scope_takes() -> None:
    narrowed = hint(asked())
    assert (narrowed.date_from, narrowed.date_to, narrowed.modality) == ("2026-11-22", "2026-11-24", ("CT",))
    assert narrowed.station_ae_title == ()  # a station name may take steps of another AE title
    assert hint(asked(patient_id=("1",))) == WorklistQuery(patient_id=("1",))
