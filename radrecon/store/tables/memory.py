"""What people have decided, remembered for late images; rules with their states; what rules would have done."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, id_, json, metadata, number, text

decision = sa.Table(
    "decision",
    metadata,
    id_(),
    text("verb"),  # link, fix, merge, dismiss
    text("scope"),  # study, accession, patient
    text("key", index=True),
    number("study_id", index=True),
    number("order_id"),
    number("person_id"),
    number("case_id", index=True),
    number("correction_id", index=True),
    text("who"),
    text("by_rule"),  # the rule that did it again after a person, else empty
    text("reason"),
    json("data"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    sa.Column("revoked_at", Instant),
    text("revoked_by"),
    text("revoke_reason"),
)

decision_use = sa.Table(
    "decision_use",
    metadata,
    id_(),
    number("decision_id"),
    number("study_id", index=True),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("decision_id", "study_id", name="uq_decision_use"),
)

rule_change = sa.Table(
    "rule_change",
    metadata,
    id_(),
    text("rule"),
    text("state"),  # off, shadow, on
    text("who"),
    text("reason"),
    sa.Column("at", Instant, nullable=False),
)

rule_act = sa.Table(
    "rule_act",
    metadata,
    id_(),
    text("rule"),
    text("state"),  # shadow, on: what the rule was when it said so
    number("study_id", index=True),
    number("order_id"),
    number("decision_id"),
    text("outcome"),  # what became of it where the rule acts itself: the correction, or why there is none
    sa.Column("at", Instant, nullable=False),
    sa.Column("ended_at", Instant),  # somebody has decided, or the facts no longer say so
    sa.Index(
        "uq_rule_act_live",
        "rule",
        "study_id",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)

calibration = sa.Table(
    "calibration",
    metadata,
    id_(),
    sa.Column("at", Instant, nullable=False),
    number("decided"),  # studies that people had decided
    number("candidates"),
    number("right"),  # of the candidates: those that people took
    json("scores"),
    json("odds"),
)

name_count = sa.Table(
    "name_count",
    metadata,
    id_(),
    sa.Column("at", Instant, nullable=False),
    number("persons"),  # of the register, whatever their names
    json("families"),  # the most frequent: as written -> persons
    json("givens"),
)
