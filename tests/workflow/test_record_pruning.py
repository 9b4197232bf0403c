from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.workflow import record_pruning
from radrecon.workflow.record_pruning import Step
from tests.builders import NOW
from tests.store.test_prune_records import OLD, asked, said
from tests.workflow.hospital import Hospital, on_both


def steps(hospital: Hospital) -> list[Step]:
    before, found = record_pruning.edge(180, NOW), [Step(0)]
    while found[-1].after is not None:
        found.append(record_pruning.prune_some(hospital.store, before, found[-1].after))
    return found


@on_both
def test_records_go_in_small_commits_until_nothing_old_is_left(hospital: Hospital) -> None:
    with hospital.store.transaction() as conn:
        for _ in range(250):
            asked(conn, OLD)
        for _ in range(120):
            said(conn, 0, state="refused")
        asked(conn, NOW - timedelta(days=1))
        said(conn, 0, NOW)
    done = steps(hospital)
    assert [step.queries for step in done] == [0, 100, 100, 50, 0, 0]
    assert sum(step.performed for step in done) == 120
    with hospital.store.reading() as conn:
        for table in (t.worklist_query, t.performed_message):
            assert conn.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 1
    assert steps(hospital)[1:] == [Step(None)]
