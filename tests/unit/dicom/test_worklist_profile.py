"""Who is answered how."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from radrecon.config import Config, ModalityConfig
from radrecon.dicom.worklist import Profiles
from tests.unit.dicom.worklist_orders import WORKLIST


def test_who_is_not_configured_gets_the_usual_window_and_a_known_station_its_own_steps() -> None:
    profiles = Profiles(Config())
    stranger, station = profiles.of("FINDSCU"), profiles.of("CT1", "", ["CT1", "MR1"])
    assert (stranger.scope.ahead, stranger.scope.back) == (timedelta(hours=48), timedelta(hours=12))
    assert (stranger.scope.stations, station.scope.stations) == (frozenset(), {"CT1"})
    assert not profiles.is_configured("CT1")


def test_the_entry_for_all_stands_in_for_who_has_none() -> None:
    one = ModalityConfig(ae_title="CT1", charset="ASCII", over_limit="A700", warn_of_ignored_keys=False)
    rest = ModalityConfig(ae_title="*", look_ahead_hours=2, charset="ISO_IR 144")
    profiles = Profiles(Config(modality=[rest, one]))
    assert (profiles.of("CT1").charset, profiles.of("CT1").over_limit) == ("", 0xA700)
    assert not profiles.of("CT1").warn_of_ignored_keys
    assert (profiles.of("MR1").charset, profiles.of("MR1").scope.ahead) == ("ISO_IR 144", timedelta(hours=2))
    assert profiles.of("MR1").scope.stations == frozenset()


@pytest.mark.parametrize(("sort", "first"), [("start", "A1"), ("name", "A10"), ("priority", "A7")])
def test_answers_come_in_the_order_that_the_modality_wants(sort: str, first: str) -> None:
    profile = Profiles(Config(modality=[ModalityConfig(ae_title="CT1", sort=sort)])).of("CT1")  # type: ignore[arg-type]
    assert profile.sorted(WORKLIST)[0][0].accession_number == first


@pytest.mark.parametrize(
    "wrong",
    [{"charset": "KLINGON"}, {"charset": "ISO_IR 192\\ISO 2022 IR 87"}, {"time_zone": "Mars"}, {"statuses": []}],
)
def test_a_setting_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ModalityConfig.model_validate({"ae_title": "CT1"} | wrong)
