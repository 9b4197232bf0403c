from __future__ import annotations

import pytest

from radrecon.model.patient import Demographics
from radrecon.recon.mismatch import mismatch

from .people import WATCH, order, person, study, who


def cause(images: Demographics) -> str:
    found = mismatch(study(patient=images), {1: person()}, order(), WATCH)
    return found.cause if found else ""


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (who(), ""),
        (who(name="SCHULZ^ANNA"), "name differs between index and images"),
        (who(name="SCHULZ^ANNA", sex="M"), "name and sex differ between index and images"),
        (who(birth=""), "the images carry no birth date"),
        (who(birth="", sex=""), "the images carry no birth date or sex"),
        (who(name="SCHULZ^ANNA", birth=""), "name differs between index and images; the images carry no birth date"),
    ],
)
def test_the_cause_says_what_differs_and_what_is_missing(images: Demographics, said: str) -> None:
    assert cause(images) == said
