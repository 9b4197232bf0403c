"""The index of persons: identifiers, merges, links, visits, and what only registration can settle."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, flag, id_, json, metadata, number, text

person = sa.Table(
    "person",
    metadata,
    id_(),
    text("patient_id"),
    text("issuer_of_patient_id"),
    text("patient_name"),
    text("patient_birth_date"),
    text("patient_sex"),
    flag("quarantined"),
    sa.Column("before_overlay", sa.JSON),
    sa.Column("updated_at", Instant),
    number("merged_into"),
    number("version"),
    number("message_id"),
    number("registered"),  # 0: no ADT has named them; 1: one has; 2: they were known before that was asked
    sa.Index("ix_person_birth", "patient_birth_date"),
)

identifier = sa.Table(
    "identifier",
    metadata,
    id_(),
    number("person_id", index=True),
    text("value"),
    text("issuer"),
    text("normal", index=True),
    flag("retired"),  # a non-survivor's: leads to the survivor, and takes no new identity
    sa.Column("retired_at", Instant),  # by the clock of the sender who said so
    sa.UniqueConstraint("value", "issuer", name="uq_identifier_value"),
)

person_history = sa.Table(
    "person_history",
    metadata,
    id_(),
    number("person_id", index=True),
    sa.Column("at", Instant, nullable=False),
    text("event"),
    json("prior"),
    number("message_id"),
    number("correction_id"),
)

merge = sa.Table(
    "merge",
    metadata,
    id_(),
    number("survivor_id", index=True),
    number("non_survivor_id", index=True),
    sa.Column("at", Instant, nullable=False),
    number("message_id"),
    number("correction_id"),
    json("moved"),  # ids by table, and what an unmerge needs besides
    sa.Column("undone_at", Instant),
)

person_link = sa.Table(
    "person_link",
    metadata,
    id_(),
    number("person_id", index=True),
    number("other_id", index=True),
    sa.Column("at", Instant, nullable=False),
    number("message_id"),
    sa.Column("ended_at", Instant),
    number("end_message_id"),
)

crosswalk = sa.Table(
    "crosswalk",
    metadata,
    id_(),
    text("value"),  # a legacy number, and its assigning authority
    text("issuer"),
    text("normal", index=True),
    text("target_value"),  # the number that the same person has now
    text("target_issuer"),
    text("target_normal", index=True),
    text("source"),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("value", "issuer", name="uq_crosswalk_value"),
)

visit = sa.Table(
    "visit",
    metadata,
    id_(),
    number("person_id", index=True),
    text("kind"),  # visit (PV1-19), account (PID-18), alternate (PV1-50)
    text("number", index=True),
    text("issuer"),
    text("patient_class"),
    text("location"),
    text("state"),  # preadmitted, registered, admitted, discharged, cancelled, deleted, merged
    text("account"),
    text("former_state"),
    text("former_location"),
    sa.Column("updated_at", Instant, nullable=False),  # by the sender's clock
    number("message_id"),
    number("merged_into"),
)

notice = sa.Table(
    "notice",
    metadata,
    id_(),
    text("kind"),  # deletion, retired_identifier …: what a message said that only a person can act on
    number("person_id", index=True),
    number("order_id", index=True),
    number("message_id"),
    sa.Column("at", Instant, nullable=False),
    json("detail"),
    sa.Column("settled_at", Instant),
)
