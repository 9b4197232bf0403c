"""Nothing here fails because the machine is busy, or on another day than the change that broke it.

Generated examples have no deadline and are the same on each run; `./dev soak` (RADRECON_FUZZ_EXAMPLES) takes new ones.
"""

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests import databases, leftovers
from tests.databases import (  # noqa: F401
    clean_postgres,
    clean_sqlite,
    empty_postgres,
    migrated_postgres,
    migrated_sqlite,
    postgres,
)

leftovers.watch()
settings.register_profile(
    "patient",
    deadline=None,
    derandomize="RADRECON_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")
databases.never_sync_sqlite()
databases.share_statements()


def pytest_configure(config: pytest.Config) -> None:
    """From 3.13 on Python tells of a database that a test left to the collector, in whatever test runs by then."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed database in:ResourceWarning")


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that ran in this process says where its log goes and what is worth it; the next test is another's."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
