"""What every way of editing a study has in common: the act itself, and what must be safe before it begins.

Originals are kept twice before anything changes: the headers by the caller (durably, for undo), the whole files in a
folder of the delivery. An act that broke off is run again as it is: what already shows its result is left alone, and
what was kept at the first try is never replaced by what the first try made of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset

from radrecon.dicom.edits import edit_dataset, original_header, restore_dataset, shows_edit, shows_original
from radrecon.dicom.identity import text
from radrecon.model.correction import DatasetEdit, OriginalHeader
from radrecon.model.errors import Refused, Stale

SYSTEM = "radrecon"
LATE_IMAGE = "the study holds an image that came after the correction and says something else than the originals"
Keep = Callable[[Sequence[OriginalHeader]], None]


@dataclass(frozen=True)
class Act:
    """An edit of a study, or (where `edit.restore_of` is set) the return of its originals."""

    edit: DatasetEdit
    originals: Mapping[str, OriginalHeader]
    now: datetime

    @classmethod
    def of(cls, edit: DatasetEdit, originals: Iterable[OriginalHeader], now: datetime) -> Act:
        known = {one.sop_instance_uid: one for one in originals}
        if edit.restore_of and not known:
            raise Refused("no originals were kept, so there is nothing to put back")
        return cls(edit, known, now)

    def is_done(self, header: Dataset) -> bool:
        """Raises Stale for an image without kept original that does not say what the images said before."""
        if not self.edit.restore_of:
            return shows_edit(header, self.edit)
        original = self.originals.get(text(header, "SOPInstanceUID"))
        if original is None and self.edit.values and shows_edit(header, self.edit):
            return True
        return shows_original(header, self._original(header))

    def apply(self, dataset: Dataset) -> None:
        if self.edit.restore_of:
            restore_dataset(dataset, self._original(dataset), self.now, SYSTEM, self.edit.pacs)
        else:
            edit_dataset(dataset, self.edit, self.now, SYSTEM)

    def keep(self, headers: Iterable[Dataset], keep: Keep) -> None:
        """Hand over the originals to be stored durably; what is known from an earlier try stays as it was."""
        if self.edit.restore_of:
            return
        found = {text(header, "SOPInstanceUID"): original_header(header, self.edit) for header in headers}
        keep(sorted((found | dict(self.originals)).values(), key=lambda one: one.sop_instance_uid))

    def _original(self, header: Dataset) -> OriginalHeader:
        known = self.originals.get(text(header, "SOPInstanceUID"))
        if known is None:
            raise Stale(LATE_IMAGE)
        return known


def keep_files(paths: Iterable[Path], act: Act, folder: Path) -> None:
    """Copy files into the folder of kept originals, without touching what is there from an earlier try."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        kept = folder / path.name
        if not kept.exists() and not act.is_done(header_of(path)):
            partial = kept.with_suffix(".part")
            shutil.copyfile(path, partial)
            partial.replace(kept)


def header_of(path: Path) -> Dataset:
    return dcmread(path, stop_before_pixels=True, force=True)


def edited_file(path: Path, act: Act, folder: Path) -> Path:
    """The edited copy of a file; pixel data and transfer syntax stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    dataset = dcmread(path, force=True)
    act.apply(dataset)
    dataset.save_as(folder / path.name, enforce_file_format=True)
    return folder / path.name
