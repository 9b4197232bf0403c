from __future__ import annotations

import json

from radrecon.sim.tally import Injected, Tally


def test_a_tally_goes_through_json_unchanged() -> None:
    tally = Tally(messages_sent=3, steps_served=2, trouble=["x"])
    tally.acks["AA"] += 3
    tally.visits["clean"] += 1
    tally.injected.append(Injected("overlay", "1.2.3", "17", "A1", "A1"))
    assert Tally.from_json(json.loads(json.dumps(tally.as_json()))) == tally


def test_faults_are_counted_by_kind() -> None:
    tally = Tally(injected=[Injected("overlay"), Injected("name_typo"), Injected("overlay")])
    assert tally.faults == {"overlay": 2, "name_typo": 1}
