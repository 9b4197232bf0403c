from __future__ import annotations

from radrecon.config import Config, ModalityConfig, WorklistSourceConfig
from radrecon.store import settings
from radrecon.store.database import Store
from tests.unit.cli.conftest import Radrecon


def configure(store: Store) -> None:
    source = WorklistSourceConfig(name="RIS", ae_title="RISWL", port=104)
    config = Config(modality=[ModalityConfig(ae_title="CT1")], worklist_source=[source])
    with store.transaction() as conn:
        settings.save_config(conn, config)


def test_where_none_is_configured_it_says_so(radrecon: Radrecon, store: Store) -> None:
    assert radrecon("worklist", "--sources", "--json").json == []
    assert radrecon("worklist", "--sources").out == "No other system's worklist is configured.\n"


def test_each_list_is_a_row(radrecon: Radrecon, store: Store) -> None:
    configure(store)
    (row,) = radrecon("worklist", "--sources", "--json").json
    assert (row["source"], row["calling_ae_title"], row["state"], row["port"]) == ("RIS", "CT1", "never asked", 104)
    assert "never asked" in radrecon("worklist", "--sources").out


def test_asking_needs_an_engine(radrecon: Radrecon, store: Store) -> None:
    said = radrecon("worklist", "--ask")
    assert (said.code, said.err) == (1, "radrecon: no engine runs on this database: queued as 1\n")


def test_the_explanation_answers_for_other_lists_too(radrecon: Radrecon, store: Store) -> None:
    configure(store)
    said = radrecon("worklist", "--for", "CT1", "--explain", "A1")
    assert said.out.splitlines()[-1] == "Not known whether it is on the list of RIS: never asked."
    (one,) = radrecon("worklist", "--for", "CT1", "--explain", "A1", "--json").json["ris_lists"]
    assert (one["source"], one["on_list"], one["listed_for"]) == ("RIS", False, [])
