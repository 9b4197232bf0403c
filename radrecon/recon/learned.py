"""What the site's own data have taught: how common names are here, and how far scores are to be believed."""

from __future__ import annotations

from dataclasses import dataclass

from radrecon.recon.calibrate import IDENTITY, Calibration
from radrecon.recon.names import COMMON, NameFrequencies


@dataclass(frozen=True, eq=False)
class Learned:
    names: NameFrequencies = COMMON
    calibration: Calibration = IDENTITY


UNTAUGHT = Learned()
