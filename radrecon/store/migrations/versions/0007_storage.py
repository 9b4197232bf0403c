"""What is stored here, thumbnails, and peers that were refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _uid(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, KEY, server_default="0", nullable=False)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _table(name: str, *parts: sa.schema.SchemaItem, index: tuple[str, ...] = ()) -> None:
    op.create_table(name, _id(), *parts, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")))
    for column in index:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column], unique=False)


def upgrade() -> None:
    _table(
        "stored_study",
        _uid("study_instance_uid"),
        _text("ae_title"),
        _text("address"),
        _instant("first_at"),
        _instant("last_at"),
        _number("arrivals"),
        sa.Column("waiting", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.UniqueConstraint("study_instance_uid", name=op.f("uq_stored_study_study_instance_uid")),
    )
    where = sa.text("waiting")
    op.create_index(
        "ix_stored_study_waiting", "stored_study", ["id"], unique=False, sqlite_where=where, postgresql_where=where
    )
    _table(
        "stored_instance",
        _uid("sop_instance_uid"),
        _text("sop_class_uid"),
        _text("study_instance_uid"),
        _text("series_instance_uid"),
        _text("transfer_syntax_uid"),
        _text("instance_number"),
        _number("frames"),
        _number("size"),
        _text("digest"),
        _instant("at"),
        _number("again"),
        sa.UniqueConstraint("sop_instance_uid", name=op.f("uq_stored_instance_sop_instance_uid")),
        index=("series_instance_uid",),
    )
    op.create_index("ix_stored_instance_study", "stored_instance", ["study_instance_uid", "series_instance_uid"])
    _table(
        "stored_header",
        _text("study_instance_uid"),
        _text("series_instance_uid"),
        _text("digest"),
        _text("transfer_syntax_uid"),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        _text("flaw"),
        _instant("at"),
        sa.UniqueConstraint("series_instance_uid", "digest", name="uq_stored_header_series"),
        index=("study_instance_uid",),
    )
    _table(
        "thumbnail",
        _uid("series_instance_uid"),
        sa.Column("png", sa.LargeBinary(), nullable=True),
        _text("why_not"),
        _instant("at"),
        sa.UniqueConstraint("series_instance_uid", name=op.f("uq_thumbnail_series_instance_uid")),
    )
    _table(
        "refusal",
        _instant("hour"),
        _text("address"),
        _text("ae_title"),
        _text("reason"),
        _instant("first_at"),
        _instant("last_at"),
        _number("count"),
        sa.UniqueConstraint("hour", "address", "ae_title", "reason", name="uq_refusal_hour"),
    )
