"""Blocking keys of persons; everybody known is looked at once, and gets theirs then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"

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
    op.execute(
        "INSERT INTO touched (kind, value, due) SELECT 'person', CAST(id AS TEXT), 0 FROM person WHERE merged_into = 0"
    )
