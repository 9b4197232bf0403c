"""What is to be looked at again, cases, corrections and deliveries."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, Key, flag, id_, json, metadata, number, text

# -- reconciliation ---------------------------------------------------------------------------------------------------

touched = sa.Table(
    "touched",
    metadata,
    id_(),
    text("kind"),  # key, study, person, accession
    text("value"),
    sa.Column("due", Instant, nullable=False),
    sa.Index("ix_touched_due", "due"),
)

case = sa.Table(
    "recon_case",
    metadata,
    id_(),
    text("kind"),
    text("subject"),
    text("state"),  # open, correcting, closed, dismissed
    number("severity"),
    text("cause"),
    text("owner"),
    number("study_id", index=True),
    number("order_id"),
    number("person_id"),
    json("finding"),
    text("digest"),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("closed_at", Instant),
    text("close_reason"),
    text("closed_by"),
    number("correction_id"),
    number("version"),
    sa.Index("ix_case_state", "state", "kind"),
    sa.Index("ix_case_subject", "kind", "subject"),
    sa.Index(
        "uq_case_live",
        "kind",
        "subject",
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'correcting')"),
        postgresql_where=sa.text("state IN ('open', 'correcting')"),
    ),
)

# -- corrections ------------------------------------------------------------------------------------------------------

correction = sa.Table(
    "correction",
    metadata,
    id_(),
    number("case_id", index=True),
    text("verb"),
    text("state"),  # under way, done, in trouble, stale, undone
    text("summary"),
    json("plan"),
    text("reason"),
    text("ticket"),
    text("approved_by"),
    sa.Column("approved_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    number("undo_of"),
    number("undone_by"),
)

delivery = sa.Table(
    "delivery",
    metadata,
    id_(),
    number("correction_id", index=True),
    number("position"),
    text("destination"),
    text("kind"),  # hl7, dicom
    text("title"),
    text("state"),
    text("words"),
    number("attempts"),
    flag("parked"),
    text("proof"),
    json("plan"),
    text("patient_id"),
    text("study_instance_uid"),
    number("message_id"),
    sa.Column("due", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("written_at", Instant),
    sa.Column("acknowledged_at", Instant),
    sa.Column("filed_at", Instant),
    number("version"),
    sa.Index("ix_delivery_state", "state"),
)

delivery_key = sa.Table(
    "delivery_key",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("delivery_id", Key, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

original = sa.Table(
    "original",
    metadata,
    id_(),
    number("delivery_id"),
    text("study_instance_uid"),
    text("series_instance_uid"),
    text("sop_instance_uid"),
    json("header"),
    sa.UniqueConstraint("delivery_id", "sop_instance_uid", name="uq_original_instance"),
)
