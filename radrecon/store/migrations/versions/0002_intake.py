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
        _number("late"),
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
        _text("account"),
        _text("former_state"),
        _text("former_location"),
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
    op.add_column("identifier", _instant("retired_at", nullable=True))
    _table(
        "appointment",
        _number("person_id"),
        _text("sender"),
        _text("placer_appointment_id"),
        _text("filler_appointment_id"),
        _text("state"),
        sa.Column("pending", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("orders", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        _instant("updated_at"),
        _number("message_id"),
        index=("person_id", "placer_appointment_id", "filler_appointment_id"),
    )
    op.create_index("ix_appointment_pending", "appointment", ["pending", "person_id"], unique=False)
    for column in ("placer_order_number", "filler_order_number"):
        op.add_column("report", _text(column))
        op.create_index(op.f(f"ix_report_{column}"), "report", [column], unique=False)
    _journal_search()


def _journal_search() -> None:
    """Keys by message and in the order of code points; repetitions by what they repeat; free text on PostgreSQL."""
    op.create_index(op.f("ix_message_key_message_id"), "message_key", ["message_id"], unique=False)
    repeats = sa.text("first_id <> 0")
    op.create_index("ix_message_first", "message", ["first_id"], sqlite_where=repeats, postgresql_where=repeats)
    op.create_table(
        "message_text",
        sa.Column("message_id", KEY, autoincrement=False, nullable=False),
        _text("text"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_text")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE message_key ALTER COLUMN value TYPE text COLLATE "C"')
        _trigrams()


def _trigrams() -> None:
    """Who may not create the extension searches free text without an index; nothing else depends on it."""
    bind = op.get_bind()
    try:
        with bind.begin_nested():
            bind.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            bind.execute(sa.text("CREATE INDEX ix_message_text_trigrams ON message_text USING gin (text gin_trgm_ops)"))
    except sa.exc.DBAPIError:
        pass
