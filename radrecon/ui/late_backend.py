"""The backend of a desk whose window shows first: the database, and the libraries that speak to it, come after.

They take longer to load than the window does. Whoever asks first, on a worker thread as always, waits for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from radrecon.model.errors import SchemaMismatch, Trouble

if TYPE_CHECKING:
    from radrecon.ui.store_backend import StoreBackend


class LateBackend:
    """See `Backend`. `where` tells the database's URL; it may read the configuration, and raise Trouble."""

    def __init__(self, where: Callable[[], str]) -> None:
        self._where = where
        self._lock = threading.Lock()
        self._made: StoreBackend | None = None

    def opened(self) -> StoreBackend:
        """Raises SchemaMismatch in one line where there is nothing to show: the window then says it."""
        with self._lock:
            if self._made is None:
                try:
                    self._made = self._open()
                except Trouble as trouble:
                    raise SchemaMismatch(str(trouble)) from trouble
            return self._made

    def _open(self) -> StoreBackend:
        url = self._where()
        from radrecon.store.database import open_store
        from radrecon.ui.store_backend import StoreBackend

        return StoreBackend(open_store(url))

    def attach(self, config: str) -> str:
        """Bring an engine up or find it; see `engine_start.attach`."""
        backend = self.opened()
        from radrecon.ui import engine_start

        return engine_start.attach(backend.store, backend, config)

    def close(self) -> None:
        if self._made is not None:
            self._made.store.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.opened(), name)
