from __future__ import annotations

import pytest

from radrecon.sim.catalogue import PROCEDURES, STATIONS, Procedure, procedures_for, stations_for
from radrecon.sim.images import SOP_CLASSES


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda p: p.code)
def test_every_procedure_has_a_station_that_makes_it(procedure: Procedure) -> None:
    assert stations_for(procedure)
    assert procedure.modality in SOP_CLASSES


def test_ae_titles_and_station_names_fit_their_value_representations() -> None:
    assert all(len(station.ae_title) <= 16 and len(station.name) <= 16 for station in STATIONS)
    assert len({station.ae_title for station in STATIONS}) == len(STATIONS)


def test_nobody_gets_an_exam_of_what_they_do_not_have() -> None:
    assert "USPELV" not in {procedure.code for procedure in procedures_for("M")}
    assert set(procedures_for("F")) == set(PROCEDURES)
