"""The site's settings as the database holds them: the configuration, and from when on things are judged."""

from __future__ import annotations

from datetime import date

from radrecon.config import Config, checked
from radrecon.store.database import Connection
from radrecon.store.life import put_setting, setting

CONFIG, WATCH_FROM = "config", "watch_from"


def load_config(conn: Connection) -> Config:
    """The configuration that the engine saved last; all defaults where none has.

    Raises Trouble for one that an older program took and this one does not.
    """
    saved = setting(conn, CONFIG)
    return Config() if saved is None else checked(saved, "settings that the engine saved")


def save_config(conn: Connection, config: Config, source: str = "file") -> None:
    put_setting(conn, CONFIG, config.model_dump(mode="json"), source)


def watch_from(conn: Connection) -> date | None:
    """The first day that is judged; None until the first start has set it."""
    saved = setting(conn, WATCH_FROM)
    return date.fromisoformat(saved) if saved else None


def set_watch_from(conn: Connection, day: date, source: str = "first start") -> None:
    put_setting(conn, WATCH_FROM, day.isoformat(), source)


def start_watching(conn: Connection, today: date) -> None:
    """The configured day if there is one; else the first start's, once."""
    configured, saved = load_config(conn).site.watch_from, watch_from(conn)
    if configured and configured != saved:
        set_watch_from(conn, configured, "file")
    elif saved is None:
        set_watch_from(conn, today)
