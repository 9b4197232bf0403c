from __future__ import annotations

from radrecon.store import journal, message_keys
from radrecon.workflow.journal_search import search
from radrecon.workflow.key_sorting import sort_some
from tests.builders import NOW
from tests.workflow.hospital import Hospital, on_both


@on_both
def test_new_keys_are_sorted_in_a_batch_at_a_time_and_found_all_the_while(hospital: Hospital) -> None:
    with hospital.store.transaction() as conn:
        for number in range(7):
            keys = (("patient_id", "77"), ("control_id", f"C{number}"))
            journal.add(conn, journal.Entry("in", NOW, b"MSH", state="applied", keys=keys))
    found, done = [], []
    while not done or done[-1]:
        found.append(len(search(hospital.store, "mrn:77").rows))
        done.append(sort_some(hospital.store, 3))
    assert (found, done) == ([7] * 4, [3, 3, 1, 0])
    with hospital.store.reading() as conn:
        assert message_keys.fresh(conn, 9) == []
