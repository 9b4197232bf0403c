"""Decisions remembered for late images; rules with their states, and what they would have done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, KEY, server_default="0", nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "decision",
        _id(),
        *map(_text, ("verb", "scope", "key")),
        *map(_number, ("study_id", "order_id", "person_id", "case_id", "correction_id")),
        *map(_text, ("who", "by_rule", "reason")),
        sa.Column("data", sa.JSON(), nullable=False),
        _instant("at"),
        _instant("expires_at"),
        _instant("revoked_at", nullable=True),
        *map(_text, ("revoked_by", "revoke_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    for column in ("key", "study_id", "case_id", "correction_id"):
        op.create_index(op.f(f"ix_decision_{column}"), "decision", [column], unique=False)
    op.create_table(
        "decision_use",
        _id(),
        *map(_number, ("decision_id", "study_id")),
        _instant("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_use")),
        sa.UniqueConstraint("decision_id", "study_id", name="uq_decision_use"),
    )
    op.create_index(op.f("ix_decision_use_study_id"), "decision_use", ["study_id"], unique=False)
    op.create_table(
        "rule_change",
        _id(),
        *map(_text, ("rule", "state", "who", "reason")),
        _instant("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_change")),
    )
    op.create_table(
        "rule_act",
        _id(),
        *map(_text, ("rule", "state")),
        *map(_number, ("study_id", "order_id", "decision_id")),
        _text("outcome"),
        _instant("at"),
        _instant("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_act")),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_rule_act_live", "rule_act", ["rule", "study_id"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.create_index(op.f("ix_rule_act_study_id"), "rule_act", ["study_id"], unique=False)
