"""Published messages of many senders on the wire to a real engine: each is answered or recorded, none is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.hospital import engine
from tests.wire import corpus
from tests.wire.corpus import Result

CORPUS = Path(os.environ.get("RADRECON_CORPUS") or "/nonexistent")
MUCH_SLOWER = 5
pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="RADRECON_CORPUS names no folder of HL7 messages"),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processor time is read from /proc"),
    pytest.mark.slow,
    pytest.mark.timeout(1800),
]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    with engine(tmp_path_factory.mktemp("corpus"), "") as desk:
        found = corpus.run(desk, CORPUS)
        assert desk.process
        assert desk.process.poll() is None, desk.log()[-2000:]
    print("", *found.lines(), sep="\n")
    return found


def test_each_file_is_answered_or_recorded_and_stored_byte_for_byte(result: Result) -> None:
    assert not result.wrong, f"{len(result.wrong)}\n" + "\n".join(result.wrong[:40])
    assert result.counts["messages in the journal"] >= result.counts["files"]


def test_nothing_breaks_the_engine(result: Result) -> None:
    assert "Traceback" not in result.log
    assert "'error'" not in result.log


def test_the_engine_is_as_fast_as_before(result: Result) -> None:
    assert result.after < MUCH_SLOWER * result.before
