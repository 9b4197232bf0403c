"""Profile `orthanc`: a study corrected through Orthanc's REST interface, UIDs kept.

Instances that change alike are modified inside Orthanc, a group at a time. What cannot be said in its JSON without loss
(another character set, prior values with private or binary parts) is edited here and uploaded. Orthanc files an image
under its patient id: where that changes, the corrected copy stands beside the old one, and the old one is deleted only
after the new one was read back. An index that an edit in place left stale is read from the files again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from radrecon.config import PacsConfig
from radrecon.dicom.identity import text
from radrecon.model.errors import NotFound, PeerTrouble, Stale
from radrecon.services.pacs_act import Act, Keep, edited_file, header_of, keep_files
from radrecon.services.pacs_query import ListedTwice
from radrecon.services.pacs_rest import Copy, Orthanc, connected
from radrecon.services.pacs_retrieve import file_of

# Orthanc writes text in these sets; for others it depends on how it was built
WRITTEN_BY_ORTHANC = {"", "ISO_IR 6", "ISO_IR 100", "ISO_IR 192"}
PLAIN_VR = {"AE", "AS", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UI", "UT"}


@dataclass(frozen=True)
class Present:
    """A study as Orthanc has it: copies still to be changed (`old`), copies that already are (`new`), files by copy."""

    old: tuple[Copy, ...]
    new: tuple[Copy, ...]
    files: Mapping[Copy, Path] = field(default_factory=dict, hash=False)

    @property
    def sops(self) -> set[str]:
        return {one.sop_instance_uid for one in (*self.old, *self.new)}


def edit_by_rest(pacs: PacsConfig, act: Act, keep: Keep, spool: Path) -> None:
    """Edit a study. Raises PeerUncertain where the connection broke after the first change was asked for."""
    with connected(pacs) as orthanc:
        shutil.rmtree(spool / "present", ignore_errors=True)
        present = _look(orthanc, act, spool / "present")
        originals = [present.files[one] for one in _untouched(present)]
        keep_files(originals, act, spool / "originals")
        act.keep([header_of(path) for path in originals], keep)
        _change(orthanc, act, present, spool)
        _settle(orthanc, act, present, spool / "originals")
    for folder in ("present", "edited"):
        shutil.rmtree(spool / folder, ignore_errors=True)


def _look(orthanc: Orthanc, act: Act, folder: Path) -> Present:
    copies = orthanc.copies(act.edit.study_instance_uid)
    if not copies:
        raise NotFound(f"{orthanc.pacs.name} has no images of this study")
    files = {one: _download(orthanc, one, folder) for one in copies}
    done = {one for one in copies if act.is_done(header_of(files[one]))}
    old = tuple(one for one in copies if one not in done)
    if len({one.study for one in old}) > 1 or (old and len({one.study for one in copies}) > 2):
        raise ListedTwice(f"{orthanc.pacs.name} lists this study under several patients; that is a collision")
    return Present(old, tuple(one for one in copies if one in done), files)


def _download(orthanc: Orthanc, copy: Copy, folder: Path) -> Path:
    path = file_of(folder / copy.study, copy.sop_instance_uid)
    orthanc.download(copy, path)
    return path


def _untouched(present: Present) -> list[Copy]:
    """One copy per instance, the old one where both are there."""
    best = {one.sop_instance_uid: one for one in (*present.new, *present.old)}
    return list(best.values())


def _change(orthanc: Orthanc, act: Act, present: Present, spool: Path) -> None:
    done = {one.sop_instance_uid for one in present.new}
    groups: dict[str, list[Copy]] = {}
    for copy in present.old:
        if copy.sop_instance_uid in done:
            continue
        order = _order(act, present.files[copy])
        if order is None:
            orthanc.upload(edited_file(present.files[copy], act, spool / "edited"))
        else:
            groups.setdefault(order, []).append(copy)
    for order, copies in groups.items():
        said = json.loads(order)
        orthanc.modify(copies, said["replace"], said["remove"])


def _settle(orthanc: Orthanc, act: Act, present: Present, originals: Path) -> None:
    """Read back; then remove old copies and refresh the index. Nothing is deleted before all was read back."""
    after = orthanc.copies(act.edit.study_instance_uid)
    right = [one for one in after if act.is_done(orthanc.header(one))]
    missing = present.sops - {one.sop_instance_uid for one in right}
    if missing:
        lost = missing - {one.sop_instance_uid for one in after}
        _bring_back(orthanc, lost, originals)
        raise PeerTrouble(
            f"{orthanc.pacs.name}: {len(missing)} of {len(present.sops)} images do not show the correction"
            + (f"; {len(lost)} were lost and stored again as they had been" if lost else "")
        )
    for copy in present.old:
        if copy.id not in {one.id for one in right}:
            orthanc.delete(copy)
    left = orthanc.copies(act.edit.study_instance_uid)
    for study in {one.study for one in left}:
        orthanc.reconstruct(study)
    if len({one.study for one in left}) > 1 or {one.sop_instance_uid for one in left} != present.sops:
        raise Stale(f"{orthanc.pacs.name} received or lost images of this study while it was edited")


def _bring_back(orthanc: Orthanc, lost: Iterable[str], originals: Path) -> None:
    for sop_instance_uid in lost:
        path = file_of(originals, sop_instance_uid)
        if path.exists():
            orthanc.upload(path)


def _order(act: Act, path: Path) -> str | None:
    """What Orthanc is to do with an instance, as JSON (equal text, equal change); None if it cannot be said."""
    before, after = header_of(path), header_of(path)
    act.apply(after)
    if text(before, "SpecificCharacterSet") != text(after, "SpecificCharacterSet"):
        return None
    changed = [one for one in after if one.tag not in before or before[one.tag] != one]
    removed = [one.keyword for one in before if one.tag not in after]
    if not all(_can_say(one) for one in changed) or not _writes(after, changed):
        return None
    replace = {one.keyword: _said(one) for one in changed}
    return json.dumps({"replace": replace, "remove": removed}, sort_keys=True)


def _writes(dataset: Dataset, changed: Iterable[DataElement]) -> bool:
    known = text(dataset, "SpecificCharacterSet") in WRITTEN_BY_ORTHANC
    return known or json.dumps([_said(one) for one in changed], ensure_ascii=False).isascii()


def _can_say(element: DataElement) -> bool:
    if element.VR == "SQ":
        return all("SpecificCharacterSet" not in item and all(map(_can_say, item)) for item in element.value)
    return element.VR in PLAIN_VR and bool(element.keyword)


def _said(element: DataElement) -> object:
    if element.VR == "SQ":
        return [{one.keyword: _said(one) for one in item} for item in element.value]
    holder = Dataset()
    holder.add(element)
    return text(holder, element.keyword)
