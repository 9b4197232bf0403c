from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.order import Order
from radrecon.model.person import OutsideRules
from radrecon.model.study import StudyFacts
from radrecon.recon.rivalry import takes, why_none_of_ours
from tests.builders import order, series, step, study

RULES = OutsideRules(ae_titles=("research",))
RIVAL = study("1.2.4", series=(series("1.2.4"),))


def is_taken(rival: StudyFacts, by: Order | None = None) -> bool:
    return takes(rival, by or order(), study(), RULES)


def test_two_studies_of_one_order_are_rivals() -> None:
    assert is_taken(RIVAL)


@pytest.mark.parametrize(
    "rival",
    [
        replace(RIVAL, source_ae_title="RESEARCH"),
        replace(RIVAL, series=(series("1.2.4", station_name="Research"),)),
        replace(RIVAL, identity_removed=True),
        study("1.2.4", modalities=("SR",), series=(series("1.2.4", modality="SR"),)),
    ],
)
def test_what_is_none_of_the_sites_or_made_of_its_images_takes_nothing(rival: StudyFacts) -> None:
    assert not is_taken(rival)


def test_images_of_another_step_take_nothing() -> None:
    both = order(steps=(step(id=1), step(id=2, modality="US")))
    ultrasound = study("1.2.4", modalities=("US",), series=(series("1.2.4", modality="US"),))
    assert not is_taken(ultrasound, both)
    assert is_taken(ultrasound)


def test_why_a_study_is_none_of_the_sites() -> None:
    stationed = study("1.2.4", series=(series("1.2.4", station_name="Research"),))
    assert why_none_of_ours(stationed, RULES) == "from Research, which is listed as none of the site's"
    assert "identity was removed" in why_none_of_ours(replace(RIVAL, identity_removed=True), RULES)
    assert not why_none_of_ours(RIVAL, OutsideRules(ae_titles=("", " ")))
