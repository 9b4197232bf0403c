"""Nothing here runs with the suite: it takes an hour. `./dev soak` names this folder."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not any("soak" in str(argument) for argument in config.args):
        for item in items:
            if "soak" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="a long run: ./dev soak"))
