"""The one door to a PACS: look at a study, and edit it in the way that its profile takes. All of it blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from radrecon.config import PacsConfig
from radrecon.model.correction import DatasetEdit, OriginalHeader
from radrecon.model.errors import Refused
from radrecon.model.study import StudyFacts
from radrecon.services.pacs_act import Act, Keep
from radrecon.services.pacs_orthanc import edit_by_rest
from radrecon.services.pacs_overwrite import edit_by_overwriting, what_images_say
from radrecon.services.pacs_query import find_study


def look(pacs: PacsConfig, own_ae: str, uid: str) -> StudyFacts | None:
    """What the PACS says of a study right now, by C-FIND whatever the profile; None if it has it not.

    Raises ListedTwice (a PeerTrouble) where an edit of the patient's id broke off half-way: `edit` again completes it.
    """
    return find_study(pacs, own_ae, uid)


def edit(
    pacs: PacsConfig,
    own_ae: str,
    edit: DatasetEdit,
    keep: Keep,
    originals: Sequence[OriginalHeader],
    now: datetime,
    spool: Path,
    *,
    retrieve_port: int = 0,
) -> None:
    """Edit a study in place, or put back its originals where `edit.restore_of` is set.

    `keep` is called with every original header, and must have stored them durably when it returns, before anything
    changes at the PACS (not for a restore: that has them). `originals`: what `keep` was given at an earlier try of the
    same delivery, or what is to be restored. `spool`: a folder of this delivery alone; `spool/originals` holds the
    files as they were and is left for the caller to remove once the correction is proved. Safe to run again.

    Raises Refused, NotFound, Stale, PeerTrouble, or PeerUncertain where something may have been changed.
    """
    act = Act.of(edit, originals, now)
    if pacs.profile == "orthanc":
        edit_by_rest(pacs, act, keep, spool)
    elif pacs.profile == "overwrite":
        edit_by_overwriting(pacs, own_ae, act, keep, spool, retrieve_port)
    else:
        raise Refused(f"{pacs.name}: corrections through the profile {pacs.profile!r} are not built yet")


def images(
    pacs: PacsConfig, own_ae: str, uid: str, spool: Path, *, retrieve_port: int = 0
) -> dict[str, StudyFacts] | None:
    """What each image of an edited study says; None where the edit itself has read every one of them back.

    Raises NotFound or PeerTrouble.
    """
    return what_images_say(pacs, own_ae, uid, spool, retrieve_port) if pacs.profile == "overwrite" else None
