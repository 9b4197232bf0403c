"""Blocking keys of persons, and looks at everything: the first one gives persons and orders the keys they lack."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "person_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "person_id", name=op.f("pk_person_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_person_key_person", "person_key", ["person_id"], unique=False)
    op.create_table(
        "recheck",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        *(sa.Column(name, KEY, server_default="0", nullable=False) for name in ("position", "done", "total")),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("begun_anew", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck")),
    )
    op.execute(
        "INSERT INTO recheck (reason, started_at, stage, total, updated_at) "
        "SELECT 'new blocking keys', 0, 'orders', "
        "(SELECT count(*) FROM imaging_order) + (SELECT count(*) FROM person) + (SELECT count(*) FROM study), 0 "
        "WHERE EXISTS (SELECT 1 FROM person)"
    )
