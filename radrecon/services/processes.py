"""Our own program as a child process, from source or from a frozen package, and its logging."""

from __future__ import annotations

import logging
import sys

import structlog


def command(*arguments: str) -> list[str]:
    """The command line that runs radrecon with these arguments."""
    frozen = getattr(sys, "frozen", False)
    return [sys.executable, *arguments] if frozen else [sys.executable, "-m", "radrecon", *arguments]


def log_to_stderr(level: int = logging.INFO) -> None:
    """One line per event on stderr; no patient data at info level."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
