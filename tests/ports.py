"""Ports of peers that must be told theirs: each worker of a run chooses among its own, so that no two choose one."""

from __future__ import annotations

import os

from radrecon.sim import pacs

SHARES = 16


def keep_to_my_share() -> None:
    """From now on, in this process; a name of xdist's workers ends with their number."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    pacs.OF_NOBODY = range(20_000, 32_000)[int(worker.removeprefix("gw")) % SHARES :: SHARES]
