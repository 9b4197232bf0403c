from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.config import Config, HL7SenderConfig, SenderMatch
from radrecon.store import pairs, senders, settings
from radrecon.store.database import Store
from radrecon.store.life import database_now
from radrecon.store.senders import Heard
from radrecon.workflow.ingest import take_group
from radrecon.workflow.intake import Received, Site
from tests.builders import NOW
from tests.unit.cli.conftest import Radrecon
from tests.workflow import messages


@pytest.fixture
def heard(store: Store) -> Store:
    """A copy of an order before and behind the engine, one before it only, and senders with their clocks."""
    taps = [
        HL7SenderConfig(match=SenderMatch(sending_application="RIS"), tap="copy"),
        HL7SenderConfig(match=SenderMatch(sending_application="ENGINE"), tap="copy_after"),
    ]
    config = Config(hl7_sender=taps)
    raws = [messages.order("A100", sender="RIS"), messages.order("A100", sender="ENGINE"), messages.order("A200")]
    with store.transaction() as conn:
        then = database_now(conn) - timedelta(hours=1)
        settings.save_config(conn, config)
        senders.heard(conn, [Heard("AHEAD", "HOSP", -240.0), Heard("DEAF", "HOSP", refused=True)], NOW)
    taken = take_group(store, [Received(raw, "10.0.0.1", then) for raw in raws], Site(config))
    with store.transaction() as conn:
        pairs.add(conn, "hop", taken[0].message_id, taken[1].message_id, [("MSH-3", "RIS", "ENGINE")], NOW)
        pairs.put_mark(conn, taken[2].message_id)
    store.close()
    return store


def test_senders_are_listed_with_their_clocks(radrecon: Radrecon, heard: Store) -> None:
    found = {row["sending_application"]: row for row in radrecon("senders", "--json").json}
    assert list(found) == ["AHEAD", "DEAF", "ENGINE", "RIS"]
    assert (found["AHEAD"]["skew_seconds"], found["RIS"]["tap"], found["RIS"]["messages"]) == (-240.0, "copy", 2)
    assert (found["DEAF"]["refused"], found["DEAF"]["skew_seconds"], found["DEAF"]["clock"]) == (1, None, "")
    assert "its clock is 4 min ahead" in radrecon("senders").out


def test_without_senders_there_is_a_sentence(radrecon: Radrecon, store: Store) -> None:
    assert radrecon("senders", "--json").json == []
    assert radrecon("senders").out == "No sender was heard yet.\n"
    assert radrecon("senders", "map").out.startswith("No message was heard before and behind")


def test_a_proposal_without_evidence_says_so(radrecon: Radrecon, heard: Store) -> None:
    said = radrecon("senders", "propose", "RIS^HOSP", "--json").json
    assert (said["messages"], said["configured"], said["proposal"]["paths"]) == (2, False, [])
    text = radrecon("senders", "propose", "RIS").out
    assert "not enough evidence" in text
    assert "in use: IPC-1, OBR-18, OBR-3.1, ORC-3.1 (the default)" in text
    assert radrecon("senders", "propose", "NOBODY").err == "radrecon: no message of NOBODY was heard\n"


def test_the_interface_map(radrecon: Radrecon, heard: Store) -> None:
    said = radrecon("senders", "map", "--json").json
    ((hop,), unpaired) = said["hops"], said["unpaired"]
    assert (hop["before"], hop["behind"], hop["pairs"], unpaired) == ("RIS^HOSP", "ENGINE^HOSP", 1, [3])
    assert hop["changes"] == [{"path": "MSH-3", "pairs": 1, "share": 1.0, "examples": [["RIS", "ENGINE"]]}]
    text = radrecon("senders", "map", "RIS", "ENGINE").out
    assert "RIS^HOSP → ENGINE^HOSP: 1 messages, 0 of them unchanged" in text
    assert "  MSH-3  1  RIS → ENGINE" in text
    assert "1 messages were never heard behind the engine, the latest: 3" in text


@pytest.mark.parametrize("line", [["list", "RIS"], ["propose"], ["propose", "A", "B"], ["map", "A"]])
def test_the_wrong_number_of_names_is_one_line(radrecon: Radrecon, store: Store, line: list[str]) -> None:
    said = radrecon("senders", *line)
    assert (said.code, said.err.count("\n")) == (1, 1)
