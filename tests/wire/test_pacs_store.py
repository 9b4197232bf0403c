"""Stores that go wrong half-way, against an archive that misbehaves on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, AllStoragePresentationContexts, evt

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble, PeerUncertain
from radrecon.services import pacs_dimse
from radrecon.sim.pacs import free_port
from tests.wire.pacs_peers import CT, JPEG, OWN_AE, make_study

pytestmark = pytest.mark.usefixtures("no_threads_left")


@contextmanager
def storage(on_store: Callable[[Any], int | Dataset], max_pdu: int = 16382) -> Iterator[PacsConfig]:
    """A storage SCP that takes uncompressed images only."""
    entity = AE(ae_title="TROUBLE")
    entity.maximum_pdu_size = max_pdu
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, ExplicitVRLittleEndian)
    port = free_port()
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, on_store)])
    try:
        yield PacsConfig(name="trouble", ae_title="TROUBLE", port=port)
    finally:
        server.shutdown()


def test_a_refusal_is_told_in_the_archives_words(tmp_path: Path) -> None:
    def full(_: Any) -> Dataset:
        status = Dataset()
        status.Status, status.ErrorComment = 0xA700, "disk full"
        return status

    with (
        storage(full) as pacs,
        pytest.raises(PeerTrouble, match=r"trouble answered A700 \(disk full\) while storing image 1 of 2") as raised,
    ):
        pacs_dimse.store(pacs, OWN_AE, make_study(tmp_path))
    assert type(raised.value) is PeerTrouble


@pytest.mark.parametrize("status", [0xB000, 0xB006, 0xB007])
def test_a_warning_is_no_success_and_leaves_no_half_of_a_study(tmp_path: Path, status: int) -> None:
    """B000: the archive has changed elements of what we sent. It has the image, so the others must follow."""
    answers = iter([status, 0x0000, status])
    words = f"answered {status:04X} while storing image 1 of 3 \\(all are stored\\)"
    with storage(lambda _: next(answers)) as pacs, pytest.raises(PeerTrouble, match=words):
        pacs_dimse.store(pacs, OWN_AE, make_study(tmp_path, series=((CT, CT, CT),)))
    assert next(answers, None) is None


def test_how_many_are_stored_already_is_said(tmp_path: Path) -> None:
    answers = iter([0x0000, 0xA700])
    with storage(lambda _: next(answers)) as pacs, pytest.raises(PeerTrouble, match=r"\(1 of 2 are stored\)"):
        pacs_dimse.store(pacs, OWN_AE, make_study(tmp_path))


def test_a_connection_lost_midway_is_uncertain(tmp_path: Path) -> None:
    def drop(event: Any) -> int:
        event.assoc.dul.socket.socket.close()
        return 0x0000

    with storage(drop) as pacs, pytest.raises(PeerUncertain, match="the connection broke while storing image 1 of 2"):
        pacs_dimse.store(pacs, OWN_AE, make_study(tmp_path))


def test_an_archive_that_aborts_midway_is_uncertain(tmp_path: Path) -> None:
    taken: list[int] = []

    def abort(event: Any) -> int:
        taken.append(1)
        if len(taken) == 2:
            event.assoc.abort()
        return 0x0000

    with storage(abort) as pacs, pytest.raises(PeerUncertain, match="image 2 of 3"):
        pacs_dimse.store(pacs, OWN_AE, make_study(tmp_path, series=((CT, CT, CT),)))


def test_a_syntax_that_is_not_taken_stops_the_study_before_its_first_image(tmp_path: Path) -> None:
    taken: list[int] = []
    with (
        storage(lambda _: taken.append(1) or 0) as pacs,
        pytest.raises(PeerTrouble, match=r"does not take .*\.7 in transfer syntax 1\.2\.840\.10008\.1\.2\.4\.50"),
    ):
        pacs_dimse.store(pacs, OWN_AE, make_study(tmp_path, series=((CT, JPEG),)))
    assert taken == []
