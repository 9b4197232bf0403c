"""Texts of messages are folded in another way (ø as o): the index, which is derived, is made anew."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("DELETE FROM message_text")
