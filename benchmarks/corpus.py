"""Every file of a folder of HL7 messages (RADRECON_CORPUS) sent to a real engine: the counts of what came of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.e2e.hospital import engine
from tests.wire import corpus


def main() -> None:
    folder = Path(os.environ.get("RADRECON_CORPUS", ""))
    if not os.environ.get("RADRECON_CORPUS") or not folder.is_dir():
        print("skipped: RADRECON_CORPUS names no folder of HL7 messages")
        return
    with tempfile.TemporaryDirectory(prefix="radrecon-bench-") as scratch, engine(Path(scratch), "") as desk:
        found = corpus.run(desk, folder)
    print(*found.lines(), sep="\n")
    print(*(f"wrong: {line}" for line in found.wrong), f"{len(found.wrong)} wrong", sep="\n")


if __name__ == "__main__":
    main()
