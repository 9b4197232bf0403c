"""Who lives, settings, requests, audit, and the counters that tell everyone what to reload."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, id_, json, metadata, number, text

counter = sa.Table("counter", metadata, sa.Column("topic", sa.Text, primary_key=True), number("version"))

engine_life = sa.Table(
    "engine_life",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    text("state"),
    text("host"),
    number("pid"),
    number("worker_pid"),
    text("version"),
    json("endpoints"),
    sa.Column("heartbeat", Instant),
    sa.Column("worker_heartbeat", Instant),
)

setting = sa.Table("setting", metadata, sa.Column("key", sa.Text, primary_key=True), json("value"), text("source"))

request = sa.Table(
    "request",
    metadata,
    id_(),
    text("kind"),
    json("arguments"),
    text("state"),  # asked, claimed, answered, failed
    sa.Column("result", sa.JSON),
    text("error"),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("deadline", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Index("ix_request_state", "state"),
)

audit = sa.Table(
    "audit",
    metadata,
    id_(),
    sa.Column("at", Instant, nullable=False),
    text("who"),
    text("what"),
    text("subject"),
    json("detail"),
)
