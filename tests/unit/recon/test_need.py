from __future__ import annotations

from radrecon.recon.need import HL7Need

from .people import ANNA


def test_needs_are_values() -> None:
    assert HL7Need("A08", ANNA) == HL7Need("A08", ANNA, None, None)
