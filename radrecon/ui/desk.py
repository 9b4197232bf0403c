"""What every page of one open desk shares: the backend, the threads, the settings, the clock, the colours."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from PySide6.QtCore import QSettings

from radrecon.ui.backend import Backend
from radrecon.ui.keys import Bindings
from radrecon.ui.tasks import Tasks
from radrecon.ui.theme import Theme
from radrecon.ui.times import utc_now

HOLD_SECONDS = 10.0


@dataclass
class Desk:
    """Passed to pages; `theme` changes when a person switches between light and dark.

    `live` is False until the database can be read: a new one is made by the engine.
    """

    backend: Backend
    tasks: Tasks
    settings: QSettings
    theme: Theme
    now: Callable[[], datetime] = utc_now
    live: bool = False
    who: str = field(default_factory=getpass.getuser)

    @property
    def keys(self) -> Bindings:
        return Bindings(self.settings)

    @property
    def hold_seconds(self) -> float:
        """How long a commit can be called back; the setting `hold_seconds`."""
        try:
            return max(float(str(self.settings.value("hold_seconds", HOLD_SECONDS))), 0.0)
        except ValueError:
            return HOLD_SECONDS
