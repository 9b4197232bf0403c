"""What should come and has not; what is usual where; whom an ADT has named.

Whether an ADT has named the persons known by now was not asked: they are not judged. Orders of the last month are
looked at once.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MONTH = 30 * 86400 * 1_000_000  # microseconds


def _id() -> sa.Column[int]:
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    op.create_table(
        "expectation",
        _id(),
        _text("kind"),
        _text("subject"),
        _text("case_subject"),
        _text("place"),
        sa.Column("pace", KEY, server_default="0", nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("finding", sa.JSON(), nullable=False),
        _text("digest"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expectation")),
        sa.UniqueConstraint("kind", "subject", name="uq_expectation_kind"),
    )
    op.create_index("ix_expectation_place", "expectation", ["kind", "place", "since"], unique=False)
    op.create_index("ix_expectation_case", "expectation", ["kind", "case_subject"], unique=False)
    op.create_table(
        "practice",
        _id(),
        _text("what"),
        _text("place"),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("usual", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
        sa.UniqueConstraint("what", "place", name="uq_practice_what"),
    )
    op.add_column("person", sa.Column("registered", KEY, server_default="0", nullable=False))
    op.execute(sa.text("UPDATE person SET registered = 2"))
    now = int(time.time() * 1_000_000)
    op.execute(
        sa.text(
            "INSERT INTO touched (kind, value, due) SELECT 'awaited', CAST(id AS TEXT), :now FROM imaging_order"
            " WHERE received_at >= :month"
        ).bindparams(now=now, month=now - MONTH)
    )
