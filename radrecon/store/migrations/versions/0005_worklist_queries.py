"""What each worklist query was narrowed to, which of its keys were ignored, and what it was matched by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS = {"narrowed": "[]", "ignored": "[]", "criteria": "{}"}


def upgrade() -> None:
    for name, empty in COLUMNS.items():
        op.add_column("worklist_query", sa.Column(name, sa.JSON(), server_default=empty, nullable=False))
