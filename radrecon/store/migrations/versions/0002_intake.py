"""What the intake learns: visits, links, the crosswalk, notices, senders, and pairs of messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, KEY, server_default="0", nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _table(name: str, *parts: sa.schema.SchemaItem, index: tuple[str, ...] = ()) -> None:
    op.create_table(name, _id(), *parts, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")))
    for column in index:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column], unique=False)


def upgrade() -> None:
    _table(
        "message_pair",
        _text("kind"),
        _number("first_id"),
        _number("second_id"),
        sa.Column("changes", sa.JSON(), nullable=False),
        _instant("at"),
        index=("first_id", "second_id"),
    )
    _table(
        "sender",
        _text("sending_application"),
        _text("sending_facility"),
        _instant("first_heard"),
        _instant("last_heard"),
        _number("messages"),
        _number("refused"),
        sa.Column("skew", sa.Float(), nullable=True),
        sa.Column("skew_least", sa.Float(), nullable=True),
        sa.Column("skew_most", sa.Float(), nullable=True),
        sa.UniqueConstraint("sending_application", "sending_facility", name="uq_sender_name"),
    )
    _table(
        "person_link",
        _number("person_id"),
        _number("other_id"),
        _instant("at"),
        _number("message_id"),
        _instant("ended_at", nullable=True),
        _number("end_message_id"),
        index=("person_id", "other_id"),
    )
    _table(
        "crosswalk",
        _text("value"),
        _text("issuer"),
        _text("normal"),
        _text("target_value"),
        _text("target_issuer"),
        _text("target_normal"),
        _text("source"),
        _instant("at"),
        sa.UniqueConstraint("value", "issuer", name="uq_crosswalk_value"),
        index=("normal", "target_normal"),
    )
    _table(
        "visit",
        _number("person_id"),
        _text("kind"),
        _text("number"),
        _text("issuer"),
        _text("patient_class"),
        _text("location"),
        _text("state"),
        _instant("updated_at"),
        _number("message_id"),
        _number("merged_into"),
        index=("person_id", "number"),
    )
    _table(
        "notice",
        _text("kind"),
        _number("person_id"),
        _number("order_id"),
        _number("message_id"),
        _instant("at"),
        sa.Column("detail", sa.JSON(), nullable=False),
        _instant("settled_at", nullable=True),
        index=("person_id", "order_id"),
    )
