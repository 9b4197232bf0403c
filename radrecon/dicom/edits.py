"""Corrections of an instance in place: UIDs kept, prior values kept in Original Attributes Sequence (PS3.3 C.12.1.1.9).

An edit and its undo are the same act with different values: what changes is compared, noted and set. An instance that
already shows the values is left alone, so that an edit that broke off in the middle can simply be run again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag

from radrecon.dicom import recode
from radrecon.dicom.attributes import element, requests
from radrecon.dicom.identity import text
from radrecon.model.correction import DatasetEdit, EditReason, OriginalHeader

CHARSET_TAG = 0x00080005
PATIENT_ID, ISSUER = 0x00100020, 0x00100021
# what is to stand in the dataset: an element, or None for none
Wanted = Mapping[int, DataElement | None]


def edit_dataset(dataset: Dataset, edit: DatasetEdit, now: datetime, system: str) -> None:
    """Set the edit's values and note the prior ones. `now` is aware; `system` is the modifying system's name.

    Raises Trouble for values that do not fit their attribute; the dataset is then unchanged.
    """
    _apply(dataset, _wanted(dataset, edit), _note(now, system, edit.pacs, edit.reason))


def shows_edit(dataset: Dataset, edit: DatasetEdit) -> bool:
    """Whether the dataset already holds all that the edit would set."""
    return not _changes(dataset, _wanted(dataset, edit))


def original_header(dataset: Dataset, edit: DatasetEdit) -> OriginalHeader:
    """What the edit may touch, as it is now. An absent attribute is null, so that a restore removes it again."""
    tags = {CHARSET_TAG, *_wanted(dataset, edit)}
    tags |= {tag_for_keyword(keyword) or 0 for keyword in edit.values}
    tags |= {ISSUER} if PATIENT_ID in tags else set()
    recode.mend(dataset, tags)
    header = {f"{tag:08X}": _as_json(dataset.get(Tag(tag))) for tag in sorted(tags)}
    study, series, instance = (text(dataset, f"{level}InstanceUID") for level in ("Study", "Series", "SOP"))
    return OriginalHeader(study, series, instance, header)


def restore_dataset(dataset: Dataset, original: OriginalHeader, now: datetime, system: str, source: str = "") -> None:
    """Put back exactly the attributes that were kept, remove those that were absent, and note what stood there."""
    wanted = _kept(original)
    if _changes(dataset, wanted):
        _apply(dataset, wanted, _note(now, system, source, EditReason.CORRECT))
        recode.return_to(dataset, _kept_charset(original))


def shows_original(dataset: Dataset, original: OriginalHeader) -> bool:
    """Whether the dataset already holds what was kept."""
    return not _changes(dataset, _kept(original))


def _wanted(dataset: Dataset, edit: DatasetEdit) -> Wanted:
    elements = [element(keyword, value) for keyword, value in edit.values.items() if value or keyword in dataset]
    if edit.request_attributes is not None:
        accession = edit.values.get("AccessionNumber", text(dataset, "AccessionNumber"))
        elements.append(requests(dataset, edit.request_attributes, accession))
    return {int(one.tag): one for one in elements}


def _kept(original: OriginalHeader) -> Wanted:
    return {
        int(tag, 16): None if kept is None else _from_json(tag, kept)
        for tag, kept in original.header.items()
        if int(tag, 16) != CHARSET_TAG
    }


def _kept_charset(original: OriginalHeader) -> list[str]:
    kept = original.header.get(f"{CHARSET_TAG:08X}") or {}
    return [term or "" for term in kept.get("Value", ())]


def _changes(dataset: Dataset, wanted: Wanted) -> Wanted:
    return {tag: one for tag, one in wanted.items() if _as_json(dataset.get(Tag(tag))) != _as_json(one)}


def _apply(dataset: Dataset, wanted: Wanted, note: Dataset) -> None:
    mended = recode.mend(dataset, wanted)
    changes = {tag: wanted[tag] for tag in {*_changes(dataset, wanted), *mended}}
    if not changes:
        return
    prior = _prior(dataset, changes)
    new = Dataset({Tag(tag): one for tag, one in changes.items() if one is not None})
    recode.make_room(dataset, [*recode.texts_of(new), *recode.texts_of(prior), *recode.texts_of(note)])
    for tag, one in changes.items():
        if one is not None:
            dataset.add(one)
        elif tag in dataset:
            del dataset[tag]
    note.ModifiedAttributesSequence = [prior]
    kept = list(dataset.get(recode.ORIGINAL_ATTRIBUTES) or [])
    dataset.OriginalAttributesSequence = Items([*kept, note])


def _prior(dataset: Dataset, changes: Wanted) -> Dataset:
    """The prior values; an attribute that was absent is noted with no value. An id is nothing without its issuer."""
    prior = Dataset()
    for tag in {*changes, ISSUER} if PATIENT_ID in changes else set(changes):
        present = dataset.get(Tag(tag))
        vr = "LO" if tag == ISSUER else (changes[tag] or present).VR
        prior.add(deepcopy(present) if present is not None else DataElement(Tag(tag), vr, None))
    return prior


def _note(now: datetime, system: str, source: str, reason: EditReason) -> Dataset:
    note = Dataset()
    note.SourceOfPreviousValues = source[:64]
    note.AttributeModificationDateTime = f"{now:%Y%m%d%H%M%S.%f%z}"
    note.ModifyingSystem = system[:64]
    note.ReasonForTheAttributeModification = reason.value
    return note


def _as_json(present: DataElement | None) -> dict[str, Any] | None:
    """The DICOM JSON model of one element (PS3.18 F.2); None if absent."""
    if present is None:
        return None
    whole: dict[str, Any] = json.loads(json.dumps(present.to_json_dict(None, 1 << 30)))
    return whole


def _from_json(tag: str, kept: dict[str, Any]) -> DataElement:
    return Dataset.from_json({tag: kept})[Tag(int(tag, 16))]
