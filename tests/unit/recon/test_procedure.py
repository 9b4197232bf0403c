from __future__ import annotations

import pytest

from radrecon.model.study import SeriesFacts
from radrecon.recon.compare import Level
from radrecon.recon.procedure import compare_modalities, compare_procedures, compare_sides, compare_stations

from .people import facts, order


@pytest.mark.parametrize(
    ("performed", "ordered", "level"),
    [
        (("CT",), "CT", Level.EQUAL),
        (("PT", "CT"), "PT", Level.EQUAL),
        (("CT", "SR"), "CT", Level.EQUAL),
        (("DX",), "CR", Level.FORMAT),
        (("MR",), "CT", Level.DIFFERENT),
        (("SR",), "CT", Level.MISSING),
        ((), "CT", Level.MISSING),
        (("CT",), "", Level.MISSING),
    ],
)
def test_modalities(performed: tuple[str, ...], ordered: str, level: Level) -> None:
    assert compare_modalities(facts(modalities=performed, series=()), order(modality=ordered)) is level


@pytest.mark.parametrize(
    ("stated", "words", "ordered", "level"),
    [
        ("L", "", "XR KNEE LEFT", Level.EQUAL),
        ("L", "", "XR KNEE RIGHT", Level.DIFFERENT),
        ("", "KNEE RT", "XR KNEE LEFT", Level.DIFFERENT),
        ("", "KNEE RT", "XR KNEES BILATERAL", Level.EQUAL),
        ("", "KNEE", "XR KNEE LEFT", Level.MISSING),
    ],
)
def test_sides(stated: str, words: str, ordered: str, level: Level) -> None:
    images = facts(series=(SeriesFacts("1", laterality=stated),), description=words)
    assert compare_sides(images, order(requested_procedure_description=ordered)) is level


def test_stations_go_by_name_or_title() -> None:
    assert compare_stations(facts(), order()) is Level.EQUAL
    assert compare_stations(facts(series=(SeriesFacts("1", station_name="MR1"),)), order()) is Level.DIFFERENT
    assert compare_stations(facts(series=()), order()) is Level.MISSING


def test_other_words_for_a_procedure_are_no_evidence_against_it() -> None:
    assert compare_procedures(facts(description="ct head"), order()) is Level.EQUAL
    assert compare_procedures(facts(description="HEAD CT ROUTINE"), order()) is Level.PART
    assert compare_procedures(facts(description="Schädel nativ"), order()) is Level.MISSING
