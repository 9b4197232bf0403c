"""Persons compared with persons: what they are found by, who is to be compared, and which pairs have had a case."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, Key, flag, json, metadata, number, text

duplicate_key = sa.Table(
    "duplicate_key",
    metadata,
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("person_id", Key, primary_key=True, autoincrement=False),
    sa.Index("ix_duplicate_key_person", "person_id"),
    sqlite_with_rowid=False,
)

duplicate_due = sa.Table(
    "duplicate_due",
    metadata,
    sa.Column("person_id", Key, primary_key=True, autoincrement=False),
    sa.Column("noted_at", Instant, nullable=False),
    number("changed"),  # 1: the person is new or changed; 0: another one, who is, asks for a look at their pair
)

duplicate_look = sa.Table(
    "duplicate_look",
    metadata,
    sa.Column("person_id", Key, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    number("compared"),
    text("cut_off"),  # what was left out, in words; "" where nothing was
)

duplicate_pair = sa.Table(
    "duplicate_pair",
    metadata,
    sa.Column("person_id", Key, primary_key=True, autoincrement=False),  # the smaller id
    sa.Column("other_id", Key, primary_key=True, autoincrement=False, index=True),
)

person_particulars = sa.Table(
    "person_particulars",
    metadata,
    sa.Column("person_id", Key, primary_key=True, autoincrement=False),
    number("message_id"),  # the latest message that was read for them
    json("data"),
    flag("confidential"),
)
