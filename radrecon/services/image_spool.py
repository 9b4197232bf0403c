"""Images that wait for the worker to make their series' thumbnail; a folder with a quota, emptied as they are made.

Which image will be the middle one is not known while a series arrives: the first, second, fourth, eighth … are written,
and the two latest of these are kept. Nothing here is needed for anything else: where the disk is full, there is no
thumbnail.
"""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import platformdirs

from radrecon.dicom.stored import Instance
from radrecon.dicom.thumbnail import DECODED, LARGEST_FILE, file_head
from radrecon.store.database import Store

SERIES_COUNTED = 4096
COUNTED_AGAIN_SECONDS = 5.0


def root(store: Store) -> Path:
    """Beside the SQLite file; with PostgreSQL in the user's data directory."""
    return Path(f"{store.path}.images") if store.path else platformdirs.user_data_path("radrecon") / "images"


class SpoolFile:
    """One image being written. A disk that fails ends it, and nothing else."""

    def __init__(self, spool: Spool, path: Path) -> None:
        self._spool = spool
        self._path = path
        self._part = path.with_suffix(".part")
        self._size = 0
        self._file: BinaryIO | None = None
        with contextlib.suppress(OSError):
            self._file = self._part.open("xb")

    def write(self, data: bytes | memoryview) -> None:
        if self._file is None:
            return
        try:
            self._file.write(data)
            self._size += len(data)
        except OSError:
            self.discard()
            return
        if not self._spool.grow(len(data)) or self._size > LARGEST_FILE:
            self.discard()

    def complete(self) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
            self._part.replace(self._path)
        except OSError:
            self.discard()
        self._file = None

    def discard(self) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            self._file.close()
            self._part.unlink(missing_ok=True)
        self._spool.grow(-self._size)
        self._file = None


class Spool:
    """The engine's side. `quota` in bytes; 0 keeps nothing."""

    def __init__(self, folder: Path, quota: int) -> None:
        self._folder = folder
        self._quota = quota
        self._used = 0
        self._counted_at = 0.0
        self._seen: OrderedDict[str, int] = OrderedDict()
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.glob("*.part"):
                left.unlink()
        self._count()

    def begin(self, found: Instance) -> SpoolFile | None:
        """A file for this image, where it is wanted and there is room."""
        if found.transfer_syntax_uid not in DECODED or not self.grow(0):
            return None
        number = self._seen[found.series_instance_uid] = self._seen.pop(found.series_instance_uid, 0) + 1
        if len(self._seen) > SERIES_COUNTED:
            self._seen.popitem(last=False)
        if number & (number - 1):
            return None
        self._drop(found.series_instance_uid, number // 4)
        file = SpoolFile(self, self._folder / f"{found.series_instance_uid}_{number}.dcm")
        file.write(file_head(found))
        return file

    def grow(self, size: int) -> bool:
        """Count what is written; whether there is room for more."""
        self._used += size
        if self._used >= self._quota and time.monotonic() - self._counted_at > COUNTED_AGAIN_SECONDS:
            self._count()  # the worker has taken some away, perhaps
        return self._used < self._quota

    def _drop(self, series: str, number: int) -> None:
        with contextlib.suppress(OSError):
            (self._folder / f"{series}_{number}.dcm").unlink(missing_ok=True)

    def _count(self) -> None:
        self._counted_at, self._used = time.monotonic(), 0
        with contextlib.suppress(OSError):
            self._used = sum(path.stat().st_size for path in self._folder.iterdir())


@dataclass(frozen=True)
class Waiting:
    """The spooled images of one series: number in their order of arrival → file."""

    series_instance_uid: str
    files: dict[int, Path]

    def middle(self, instances: int) -> Path:
        """The one nearest to the middle of so many."""
        return self.files[min(self.files, key=lambda number: abs(number - (instances + 1) / 2))]

    def remove(self) -> None:
        for path in self.files.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def quiet_series(folder: Path, seconds: float) -> Iterator[Waiting]:
    """The worker's side: series of which no image was spooled for so long."""
    found: dict[str, dict[int, Path]] = {}
    newest: dict[str, float] = {}
    for path in sorted(folder.glob("*_*.dcm")):
        series, _, number = path.stem.partition("_")
        with contextlib.suppress(OSError):
            newest[series] = max(newest.get(series, 0.0), path.stat().st_mtime)
            found.setdefault(series, {})[int(number)] = path
    for series, files in found.items():
        if time.time() - newest[series] >= seconds:
            yield Waiting(series, files)
