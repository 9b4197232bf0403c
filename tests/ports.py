"""Ports of peers that must be told theirs: each worker of a run chooses among its own, so that no two choose one."""

from __future__ import annotations

import os

from radrecon.sim import pacs


def keep_to_my_share() -> None:
    """From now on, in this process; a name of xdist's workers ends with their number."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    pacs.OF_NOBODY = range(20_000, 32_000)[worker % workers :: workers]
