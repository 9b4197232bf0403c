"""When the RIS says that an order's patient came and that its examination ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for name in ("arrived", "ended"):
        op.add_column("imaging_order", sa.Column(name, sa.Text(), server_default="", nullable=False))
    told = sa.text("arrived <> '' OR ended <> ''")
    op.create_index("ix_imaging_order_told", "imaging_order", ["id"], sqlite_where=told, postgresql_where=told)
