"""Where the simulated hospital's cables go, and how busy it is."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from radrecon.config import PacsConfig


class HospitalPlan(BaseModel):
    """`mllp` and `dicom` are the engine's listeners; `opened` is when the archive was looked at last: what was
    performed before it is in the PACS already. Equal seeds and openings give equal work.
    """

    model_config = ConfigDict(frozen=True)

    mllp: tuple[str, int]
    dicom: tuple[str, int, str]
    pacs: PacsConfig
    opened: datetime
    seed: int = 1
    pace: float = Field(5, gt=0, description="seconds between patients once the first minute is over")
    zone: str = "UTC"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def breath(self) -> float:
        """Seconds that one short wait within a visit takes."""
        return min(self.pace, 5) / 5
