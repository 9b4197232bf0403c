"""Storing instances at a PACS by C-STORE, each in the transfer syntax that it has (PS3.4 B)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydicom.filereader import read_file_meta_info
from pynetdicom import build_context

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble, PeerUncertain
from radrecon.services.pacs_association import MAX_CONTEXTS, association, check, words

Kind = tuple[str, str]  # SOP class, transfer syntax


WARNINGS = (0xB000, 0xB006, 0xB007)
"""It is stored, with elements changed or left out, or is not what its class says (PS3.4 table B.2-1)."""


def store(pacs: PacsConfig, own_ae: str, paths: Sequence[Path]) -> None:
    """Store files. Anything but success for any of them is PeerTrouble; a lost connection is PeerUncertain.

    A warning is told once all are stored: a study that is stored by half is two patients'. An association offers 128
    kinds at most, so more kinds than that need several.
    """
    sent, warning = 0, ""
    for kinds, group in _by_association(paths):
        try:
            with association(pacs, own_ae, [build_context(*kind) for kind in kinds]) as assoc:
                _refuse_missing(pacs, assoc, kinds)
                for path in group:
                    found = _send(pacs, assoc, path, f"storing image {sent + 1} of {len(paths)}")
                    sent, warning = sent + 1, warning or found
        except PeerUncertain:
            raise
        except PeerTrouble as error:
            raise PeerTrouble(f"{error} ({sent} of {len(paths)} are stored)") if sent else error from error
    if warning:
        raise PeerTrouble(f"{warning} (all are stored)")


def _send(pacs: PacsConfig, assoc: Any, path: Path, doing: str) -> str:
    """Raises where it is not stored; a warning in words, or ""."""
    try:
        status = assoc.send_c_store(path)
    except RuntimeError as error:  # the association was lost before this one
        raise PeerUncertain(f"{pacs.name}: the connection broke while {doing}") from error
    if status.get("Status") in WARNINGS:
        return f"{pacs.name} answered {words(status)} while {doing}"
    check(pacs, status, doing)
    return ""


def _refuse_missing(pacs: PacsConfig, assoc: Any, kinds: Sequence[Kind]) -> None:
    """Before the first byte: half a study is worse than none."""
    taken = {(str(one.abstract_syntax), str(one.transfer_syntax[0])) for one in assoc.accepted_contexts}
    for sop_class, syntax in kinds:
        if (sop_class, syntax) not in taken:
            raise PeerTrouble(f"{pacs.name} does not take {sop_class} in transfer syntax {syntax}")


def _by_association(paths: Sequence[Path]) -> Iterator[tuple[list[Kind], list[Path]]]:
    files: dict[Kind, list[Path]] = {}
    for path in paths:
        files.setdefault(_kind(path), []).append(path)
    kinds = list(files)
    for start in range(0, len(kinds), MAX_CONTEXTS):
        part = kinds[start : start + MAX_CONTEXTS]
        yield part, [path for kind in part for path in files[kind]]


def _kind(path: Path) -> Kind:
    meta = read_file_meta_info(path)
    return str(meta.MediaStorageSOPClassUID), str(meta.TransferSyntaxUID)
