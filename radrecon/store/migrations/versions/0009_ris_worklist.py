"""The worklists of other systems: what each gave to each modality, and since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "ris_list",
        _id(),
        _text("source"),
        _text("station"),
        _instant("asked_at"),
        _instant("complete_at", nullable=True),
        _instant("first_complete_at", nullable=True),
        sa.Column("answers", KEY, server_default="0", nullable=False),
        _text("error"),
        _text("day_from"),
        _text("day_to"),
        sa.Column("milliseconds", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ris_list")),
        sa.UniqueConstraint("source", "station", name="uq_ris_list_station"),
    )
    op.create_table(
        "ris_entry",
        _id(),
        _text("source"),
        _text("station"),
        _text("key"),
        _text("accession_key"),
        sa.Column("data", sa.JSON(), nullable=False),
        _instant("first_seen"),
        sa.Column("fresh", sa.Boolean(), server_default=sa.false(), nullable=False),
        _instant("last_seen", nullable=True),
        _instant("gone_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ris_entry")),
    )
    op.create_index(op.f("ix_ris_entry_accession_key"), "ris_entry", ["accession_key"], unique=False)
    listed = sa.text("gone_at IS NULL")
    op.create_index(
        "uq_ris_entry_listed",
        "ris_entry",
        ["source", "station", "key"],
        unique=True,
        sqlite_where=listed,
        postgresql_where=listed,
    )
    op.create_index("ix_ris_entry_gone", "ris_entry", ["source", "gone_at"], unique=False)
    op.create_index("ix_ris_entry_key", "ris_entry", ["source", "key"], unique=False)
