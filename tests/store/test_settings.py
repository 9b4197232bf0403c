from __future__ import annotations

from datetime import date

import pytest

from radrecon.config import Config, PacsConfig, SiteConfig
from radrecon.model.errors import Trouble
from radrecon.store import settings
from radrecon.store.database import Store


def test_a_new_database_has_all_defaults_and_no_watch_date(store: Store) -> None:
    with store.reading() as conn:
        assert settings.load_config(conn) == Config()
        assert settings.watch_from(conn) is None


def test_the_configuration_comes_back_as_it_was_saved(store: Store) -> None:
    config = Config(
        site=SiteConfig(time_zone="Europe/Berlin", watch_from=date(2026, 11, 1)),
        pacs=[PacsConfig(name="main", ae_title="MAIN", port=104, stable_seconds=4)],
    )
    with store.transaction() as conn:
        settings.save_config(conn, Config())
        settings.save_config(conn, config)
    with store.reading() as conn:
        assert settings.load_config(conn) == config


def test_the_watch_date_can_be_moved(store: Store) -> None:
    with store.transaction() as conn:
        settings.set_watch_from(conn, date(2026, 11, 22))
    with store.transaction() as conn:
        settings.set_watch_from(conn, date(2026, 10, 1))
    with store.reading() as conn:
        assert settings.watch_from(conn) == date(2026, 10, 1)


def test_settings_that_this_program_does_not_take_are_said_in_one_line(store: Store) -> None:
    with store.transaction() as conn:
        settings.put_setting(conn, settings.CONFIG, {"engine": {"ae_title": " "}}, "an older program")
        with pytest.raises(Trouble, match=r"settings that the engine saved: engine\.ae_title: ' ' is no AE title"):
            settings.load_config(conn)
