from __future__ import annotations

from radrecon.workflow import stored_pruning
from tests.store.test_prune_stored import BEFORE, left, stored
from tests.workflow.hospital import Hospital, on_both


@on_both
def test_what_storage_brought_goes_until_nothing_old_is_left(hospital: Hospital) -> None:
    with hospital.store.transaction() as conn:
        for number in range(stored_pruning.LOOK + 2):
            stored(conn, f"1.9.{number}", 2, pacs="")
        stored(conn, "1.8", 3 * stored_pruning.COMMIT // 2, pacs="")
    done = []
    while (gone := stored_pruning.prune_some(hospital.store, BEFORE)) is not None:
        done.append(gone)
    assert done == [2 * stored_pruning.LOOK, 4 + 3 * stored_pruning.COMMIT // 2]
    with hospital.store.reading() as conn:
        assert left(conn) == [0, 0, 0, 0]
