from __future__ import annotations

import pytest

from radrecon.model.study import SeriesFacts
from radrecon.recon.compare import Level
from radrecon.recon.regions import compare_regions, regions, regions_of_images, regions_of_order

from .people import facts, order


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CT HEAD PLAIN", {"head"}),
        ("Thorax p.a.", {"chest"}),
        ("Schädel nativ", {"head"}),
        ("LSPINE", {"lspine"}),
        ("MRI L-Spine WO", {"lspine"}),
        ("Lumbar spine", {"lspine"}),
        ("CT Abdomen and pelvis", {"abdomen", "pelvis"}),
        ("4 views", set()),
        ("", set()),
    ],
)
def test_a_text_names_regions(text: str, found: set[str]) -> None:
    assert regions(text) == found


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("HEAD", "CT head", Level.EQUAL),
        ("CHEST", "XR ribs", Level.PART),
        ("HEAD", "KNEE", Level.DIFFERENT),
        ("whole body", "knee", Level.EQUAL),
        ("", "knee", Level.MISSING),
        ("4 views", "knee", Level.MISSING),
    ],
)
def test_regions_contradict_only_where_both_name_some_and_none_is_near(one: str, other: str, level: Level) -> None:
    assert compare_regions(regions(one), regions(other)) is level


def test_the_series_say_it_before_the_description_which_the_worklist_may_have_given() -> None:
    series = (SeriesFacts("1.1", "CT", body_part="KNEE"),)
    assert regions_of_images(facts(description="CT HEAD", series=series)) == {"knee"}
    assert regions_of_images(facts(description="CT HEAD")) == {"head"}
    assert regions_of_order(order()) == {"head"}
