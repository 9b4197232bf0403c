from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from radrecon.config import Config, PacsConfig
from radrecon.store import pacs, settings
from radrecon.store.database import Store
from tests.unit.cli.conftest import Radrecon

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def followed(store: Store) -> None:
    main = PacsConfig(name="main", ae_title="MAIN", port=1, queries_per_minute=120, sweep_hours="20:00-06:00")
    vna = PacsConfig(name="vna", ae_title="VNA", port=2, feed="qido", qido_url="http://vna/dicom-web")
    with store.transaction() as conn:
        settings.save_config(conn, Config(pacs=[main, vna]))
        pacs.note(conn, "main", up=True, last_success=NOW, last_error="", send=False)
        pacs.note_feed(conn, "main", kind="dicom", mode="large", sweep_stage="dated", sweep_upto="2019-03-01")
        pacs.note_feed(conn, "main", sweep_seen=1234, sweep_started=NOW, query_seconds=0.25)


def test_each_pacs_says_how_it_is_followed_and_how_far_its_sweep_is(radrecon: Radrecon, store: Store) -> None:
    followed(store)
    main, vna = radrecon("pacs", "--json").json
    assert (main["name"], main["up"], main["feed"], main["mode"]) == ("main", True, "dicom", "large")
    assert (main["sweep"], main["sweep_down_to"], main["sweep_seen"]) == ("dated", "2019-03-01", 1234)
    assert (main["queries_per_minute"], main["sweep_hours"], main["query_seconds"]) == (120, "20:00-06:00", 0.25)
    assert (vna["up"], vna["feed"], vna["sweep"]) == (False, "qido", "")


def test_a_table_says_it_in_words(radrecon: Radrecon, store: Store, tmp_path: Path) -> None:
    followed(store)
    _, main, vna = radrecon("pacs").out.splitlines()
    assert "down to 2019-03-01, 1234 seen, 20:00-06:00 only" in main
    assert "120 a minute" in main
    assert "not looked at" in vna
