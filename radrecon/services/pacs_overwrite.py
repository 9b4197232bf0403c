"""Profile `overwrite`: instances stored again with the same UIDs replace what the PACS has.

Retrieve, keep, edit, store, count. Whether the PACS really shows the new values is for the verifier to ask: of each
image, for a PACS may answer a study's query from one of them and have kept the others as they were.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from radrecon.config import PacsConfig
from radrecon.dicom.identity import text
from radrecon.dicom.study import study_facts
from radrecon.model.errors import PeerTrouble
from radrecon.model.study import StudyFacts
from radrecon.services.pacs_act import Act, Keep, edited_file, header_of, keep_files
from radrecon.services.pacs_query import find_instances
from radrecon.services.pacs_retrieve import retrieve
from radrecon.services.pacs_store import store


def edit_by_overwriting(
    pacs: PacsConfig, own_ae: str, act: Act, keep: Keep, spool: Path, retrieve_port: int = 0
) -> None:
    """Edit a study in place. Raises PeerUncertain where a connection broke after the first image was on its way."""
    uid = act.edit.study_instance_uid
    present, edited = spool / "present", spool / "edited"
    for folder in (present, edited):
        shutil.rmtree(folder, ignore_errors=True)
    paths = retrieve(pacs, own_ae, uid, present, retrieve_port)
    keep_files(paths, act, spool / "originals")
    headers = {path: header_of(path) for path in paths}
    act.keep(headers.values(), keep)
    store(pacs, own_ae, [edited_file(path, act, edited) for path in paths if not act.is_done(headers[path])])
    count = len(find_instances(pacs, own_ae, uid))
    if count != len(paths):
        raise PeerTrouble(f"{pacs.name} had {len(paths)} images of this study and lists {count} after storing them")
    for folder in (present, edited):
        shutil.rmtree(folder, ignore_errors=True)


def what_images_say(
    pacs: PacsConfig, own_ae: str, uid: str, spool: Path, retrieve_port: int = 0
) -> dict[str, StudyFacts]:
    """SOP Instance UID → what that image itself says of study and patient. Raises NotFound or PeerTrouble."""
    folder = spool / "shown"
    shutil.rmtree(folder, ignore_errors=True)
    headers = [header_of(path) for path in retrieve(pacs, own_ae, uid, folder, retrieve_port)]
    shutil.rmtree(folder, ignore_errors=True)
    return {text(one, "SOPInstanceUID"): study_facts(pacs.name, one) for one in headers}
