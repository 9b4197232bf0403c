"""Persons compared with persons; everybody who is known already is to be compared once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _person() -> sa.Column[int]:
    return sa.Column("person_id", KEY, autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "duplicate_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        _person(),
        sa.PrimaryKeyConstraint("key", "person_id", name=op.f("pk_duplicate_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_duplicate_key_person", "duplicate_key", ["person_id"], unique=False)
    op.create_table(
        "duplicate_due",
        _person(),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.Column("changed", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_duplicate_due")),
    )
    op.create_table(
        "duplicate_look",
        _person(),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("compared", KEY, server_default="0", nullable=False),
        sa.Column("cut_off", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_duplicate_look")),
    )
    op.create_table(
        "duplicate_pair",
        _person(),
        sa.Column("other_id", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_duplicate_pair")),
    )
    op.create_index(op.f("ix_duplicate_pair_other_id"), "duplicate_pair", ["other_id"], unique=False)
    op.create_table(
        "person_particulars",
        _person(),
        sa.Column("message_id", KEY, server_default="0", nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("confidential", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_particulars")),
    )
    op.execute(
        "INSERT INTO duplicate_due (person_id, noted_at, changed) SELECT id, 0, 1 FROM person WHERE merged_into = 0"
    )
