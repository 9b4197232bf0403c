"""Other systems' worklists, asked by a worker of real peers: what goes wrong there is recorded and stops nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import ModalityWorklistInformationFind  # type: ignore[attr-defined,unused-ignore]

from radrecon.config import Config, ModalityConfig, SiteConfig
from radrecon.model.errors import NotFound, PeerTrouble
from radrecon.model.ris_worklist import ListState, WorklistSourceRow
from radrecon.services.ris_feed import RisFeed, RisFeeds
from radrecon.sim.pacs import free_port
from radrecon.store import ris_lists, settings
from radrecon.store.database import Store
from radrecon.workflow.ris_lists import source_rows
from tests.wire.outbox_desk import migrated, store, until
from tests.wire.ris_peers import WorklistFiles, entry, misbehaving, source, wlm, wlmscpfs

__all__ = ["migrated", "store"]
pytestmark = [
    wlm,
    # pynetdicom drops the socket of a refused connection without closing it
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"),
]
MODALITIES = [ModalityConfig(ae_title=name, modalities=["CT"]) for name in ("CT1", "CT2")]


def today() -> str:
    return datetime.now(UTC).strftime("%Y%m%d")


def config(*sources: Any) -> Config:
    return Config(site=SiteConfig(time_zone="UTC"), modality=MODALITIES, worklist_source=list(sources))


def saved(store: Store, wanted: Config) -> Config:
    with store.transaction() as conn:
        settings.save_config(conn, wanted)
    return wanted


def states(store: Store) -> dict[tuple[str, str], ListState]:
    with store.reading() as conn:
        return {(one.source, one.station): one for one in ris_lists.states(conn)}


def rows(store: Store) -> list[WorklistSourceRow]:
    with store.reading() as conn:
        return source_rows(conn)


@pytest.fixture
def ris(tmp_path: Path) -> Iterator[tuple[int, WorklistFiles]]:
    with wlmscpfs(tmp_path / "ris") as running:
        running[1].put(entry("A1", day=today()))
        yield running


async def test_a_round_asks_each_list_and_says_how_it_went(store: Store, ris: tuple[int, WorklistFiles]) -> None:
    wanted = saved(store, config(source(ris[0])))
    assert [one.state for one in rows(store)] == ["never asked", "never asked"]
    assert await RisFeed(store, wanted, wanted.worklist_source[0]).look() == ""
    assert [(one.calling_ae_title, one.state, one.answers) for one in rows(store)] == [
        ("CT1", "up", 1),
        ("CT2", "up", 0),
    ]
    with store.reading() as conn:
        (listed,) = ris_lists.listed(conn, "RIS")
    assert (listed.station, listed.entry.accession_number) == ("CT1", "A1")


async def test_without_the_station_key_the_pool_is_each_ones(store: Store, ris: tuple[int, WorklistFiles]) -> None:
    ris[1].put(entry("A2", day=today(), station="CTPOOL"))
    wanted = saved(store, config(source(ris[0], station_key=False)))
    await RisFeed(store, wanted, wanted.worklist_source[0]).look()
    assert [one.answers for one in rows(store)] == [2, 2]


async def test_who_is_down_is_tried_once_a_round(store: Store) -> None:
    wanted = saved(store, config(source(free_port())))
    trouble = await RisFeed(store, wanted, wanted.worklist_source[0]).look()
    assert "cannot be reached" in trouble
    found = states(store)
    assert [found["RIS", name].error for name in ("CT1", "CT2")] == [trouble, trouble]
    assert found["RIS", "CT2"].milliseconds == 0
    assert {one.state for one in rows(store)} == {"not answered"}


async def test_one_that_hangs_delays_no_other(
    store: Store, ris: tuple[int, WorklistFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("radrecon.services.pacs_association.CONNECT_SECONDS", 60)
    hung_long_enough = threading.Event()
    with misbehaving(lambda _: hung_long_enough.wait(90)) as port:
        slow, quick = source(port, "slow", poll_seconds=3600), source(ris[0], "quick", poll_seconds=0.05)
        feeds = RisFeeds(store)
        feeds.start(saved(store, config(slow, quick)))
        await until(lambda: ("quick", "CT2") in states(store))
        first = states(store)["quick", "CT1"].asked_at
        await until(lambda: states(store)["quick", "CT1"].asked_at != first)
        assert ("slow", "CT1") not in states(store)
        hung_long_enough.set()
        await until(lambda: ("slow", "CT2") in states(store))
        assert "slow" in states(store)["slow", "CT1"].error
        feeds.stop()
        await asyncio.gather(*feeds.tasks, return_exceptions=True)


async def test_asking_now_names_what_went_wrong(store: Store, ris: tuple[int, WorklistFiles]) -> None:
    feeds = RisFeeds(store)
    with pytest.raises(NotFound, match="no worklist source is switched on"):
        await feeds.ask()
    feeds.start(saved(store, config(source(ris[0]), source(free_port(), "down", poll_seconds=3600))))
    assert await feeds.ask("RIS") == "asked"
    with pytest.raises(PeerTrouble, match=r"^down .* cannot be reached$"):
        await feeds.ask()
    with pytest.raises(NotFound, match="'other'"):
        await feeds.ask("other")
    feeds.stop()
    await asyncio.gather(*feeds.tasks, return_exceptions=True)


async def test_what_is_asked_no_more_is_forgotten(store: Store, ris: tuple[int, WorklistFiles]) -> None:
    with store.transaction() as conn:
        ris_lists.save_state(conn, ListState("old", "CT1", datetime.now(UTC) - timedelta(days=1)))
    feeds = RisFeeds(store)
    feeds.start(saved(store, config(source(ris[0], enabled=False))))
    await until(lambda: not states(store))
    assert [one.state for one in rows(store)] == ["off", "off"]
    feeds.stop()
    await asyncio.gather(*feeds.tasks, return_exceptions=True)


def only_ct2() -> tuple[Any, int]:
    """A worklist server that takes associations from CT2 alone."""
    entity = AE("RISWL")
    entity.add_supported_context(ModalityWorklistInformationFind)
    entity.require_calling_aet = ["CT2"]
    found = [(0xFF00, entry(day=today(), station="CT2"))]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, lambda _: iter(found))])
    return server, server.socket.getsockname()[1]


async def test_a_modality_that_is_not_known_there_is_said_and_the_next_is_asked(store: Store) -> None:
    server, port = only_ct2()
    wanted = saved(store, config(source(port)))
    trouble = await RisFeed(store, wanted, wanted.worklist_source[0]).look()
    server.shutdown()
    assert "rejects our association: Calling AE title not recognised" in trouble
    assert [(one.state, one.answers) for one in rows(store)] == [("not answered", 0), ("up", 1)]
