"""The journal of messages, what they are found by, and who sends them."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, Key, id_, json, metadata, number, text

message = sa.Table(
    "message",
    metadata,
    id_(),
    text("direction"),  # in, out
    sa.Column("at", Instant, nullable=False),
    text("peer"),
    text("sending_application"),
    text("sending_facility"),
    text("control_id"),
    text("message_type"),
    text("sent_at"),  # MSH-7 as written
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    text("state"),  # in: applied, refused, resend, echo; out: sending, acknowledged, refused, uncertain
    text("reason"),
    text("ack_code"),
    sa.Column("ack", sa.LargeBinary),
    json("flags"),
    json("effect"),
    text("patient_id"),
    text("accession_number"),
    number("delivery_id"),
    number("first_id"),  # of a resend or replay: the message it repeats
    number("size"),
    sa.Index("ix_message_control", "control_id", "sending_application"),
    sa.Index("ix_message_state", "state", "id"),
    sa.Index(
        "ix_message_first",
        "first_id",
        sqlite_where=sa.text("first_id <> 0"),
        postgresql_where=sa.text("first_id <> 0"),
    ),
)

message_key = sa.Table(
    "message_key",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    # in the order of code points everywhere, so that an index answers what a value begins with
    sa.Column("value", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True),
    sa.Column("message_id", Key, primary_key=True, index=True),
    sqlite_with_rowid=False,
)

message_fresh = sa.Table(
    "message_fresh",  # keys of the latest messages, until they are sorted into message_key (see message_keys)
    metadata,
    sa.Column("message_id", Key, primary_key=True, autoincrement=False),
    text("text"),
)

message_text = sa.Table(
    "message_text",  # PostgreSQL only: SQLite keeps what can be found as free text in a file beside (see text_index)
    metadata,
    sa.Column("message_id", Key, primary_key=True, autoincrement=False),
    text("text"),
)

message_pair = sa.Table(
    "message_pair",
    metadata,
    id_(),
    text("kind"),  # hop: the same message before and behind the interface engine; ack: a copy of its answer
    number("first_id", index=True),
    number("second_id", index=True),
    json("changes"),  # [[path, before, behind], ...]
    sa.Column("at", Instant, nullable=False),
)

sender = sa.Table(
    "sender",
    metadata,
    id_(),
    text("sending_application"),
    text("sending_facility"),
    sa.Column("first_heard", Instant, nullable=False),
    sa.Column("last_heard", Instant, nullable=False),
    number("messages"),
    number("refused"),
    number("late"),  # came long after they were written: a queue, a replay
    sa.Column("skew", sa.Float),  # seconds from MSH-7 to arrival, smoothed; negative: its clock is ahead of ours
    sa.Column("skew_least", sa.Float),
    sa.Column("skew_most", sa.Float),
    sa.UniqueConstraint("sending_application", "sending_facility", name="uq_sender_name"),
)
