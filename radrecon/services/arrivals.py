"""In the worker: instances that came are seen as studies, and spooled images become thumbnails."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from radrecon.config import Config
from radrecon.dicom import thumbnail
from radrecon.model.errors import ContentError
from radrecon.services import image_spool
from radrecon.store import instances
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import arriving

log = structlog.get_logger()

GATHER_SECONDS = 2.0  # a study is seen with its first image; its further ones together
LOOK_SECONDS = 2.0
SPOOL_QUIET_SECONDS = 5.0


async def run(store: Store, config: Callable[[], Config], arrived: asyncio.Event) -> None:
    """See what has arrived, for ever; what was quiet long enough is complete."""
    while True:
        arrived.clear()
        try:
            more = await asyncio.to_thread(_pass, store, config())
        except DatabaseDown as error:
            log.warning("arrivals wait", reason=str(error))
            more = False
        except Exception:  # the top of a service loop
            log.exception("arrivals broke")
            more = False
        await asyncio.sleep(GATHER_SECONDS)
        if not more:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await arrived.wait()


def _pass(store: Store, config: Config) -> bool:
    now = datetime.now(UTC)
    _, more = arriving.take(store, config, now)
    arriving.settle(store, config, now)
    make_thumbnails(store)
    return more


def make_thumbnails(store: Store, quiet: float = SPOOL_QUIET_SECONDS) -> int:
    """Of the series of which no image was spooled for so many seconds; how many. Their files go."""
    made = 0
    for waiting in image_spool.quiet_series(image_spool.root(store), quiet):
        with store.reading() as conn:
            count = instances.count_of_series(conn, waiting.series_instance_uid)
        png, why_not = _thumbnail(waiting.middle(count))
        with store.transaction() as conn:
            instances.save_thumbnail(conn, waiting.series_instance_uid, png, why_not, datetime.now(UTC))
        waiting.remove()
        made += 1
    return made


def _thumbnail(path: Path) -> tuple[bytes | None, str]:
    try:
        return thumbnail.png(path.read_bytes()), ""
    except ContentError as error:
        return None, str(error)
    except OSError as error:
        return None, f"the image cannot be read: {error.strerror}"
