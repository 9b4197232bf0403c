"""The study feed: each PACS's sweep and changes, how old a study's facts are, and what it was before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNSTEADY = sa.text("steady = 0 AND NOT gone AND NOT baseline")


def _id() -> sa.Column[int]:
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, KEY, server_default="0", nullable=False)


def _instant(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "study_history",
        _id(),
        _number("study_id"),
        _instant("at", nullable=False),
        _text("event"),
        sa.Column("prior", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_history")),
    )
    op.create_index(op.f("ix_study_history_study_id"), "study_history", ["study_id"], unique=False)
    op.create_table(
        "pacs_feed",
        _id(),
        sa.Column("name", sa.Text(), nullable=False),
        _text("kind"),
        _text("mode"),
        sa.Column("query_seconds", sa.Float(), server_default="0", nullable=False),
        _number("change_position"),
        _instant("change_at"),
        _text("change_error"),
        _text("sweep_stage"),
        _text("sweep_upto"),
        _number("sweep_days"),
        _number("sweep_seen"),
        _number("sweep_details"),
        _number("sweep_vanished"),
        _text("sweep_error"),
        _instant("sweep_started"),
        _instant("sweep_finished"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pacs_feed")),
        sa.UniqueConstraint("name", name=op.f("uq_pacs_feed_name")),
    )
    for name in ("as_of", "arriving_since", "steady_since"):
        op.add_column("study", _instant(name))
    op.create_index(
        "ix_study_unsteady",
        "study",
        ["pacs", "last_changed"],
        unique=False,
        sqlite_where=UNSTEADY,
        postgresql_where=UNSTEADY,
    )
    op.create_index("ix_study_performed", "study", ["pacs", "performed"], unique=False)
