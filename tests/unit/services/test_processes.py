"""What an engine or a worker says."""

from __future__ import annotations

import subprocess
import sys

LOGGING = """
import structlog
from radrecon.services.processes import log_to_stderr
log_to_stderr()
log = structlog.get_logger()
log.debug("not said")
log.info("said", port=2575)
try:
    raise ValueError("a bug")
except ValueError:
    log.exception("broke")
"""


def test_events_are_lines_on_stderr_from_info_on() -> None:
    done = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, text=True, check=True)
    said, broke, *trace = done.stderr.splitlines()
    assert done.stdout == ""
    assert "not said" not in done.stderr
    assert "level='info' event='said' port=2575" in said
    assert said.startswith("timestamp='20")
    assert "event='broke'" in broke
    assert "ValueError: a bug" in broke or "ValueError: a bug" in "\n".join(trace)
