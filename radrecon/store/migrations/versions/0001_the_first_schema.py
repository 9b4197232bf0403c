"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "correction",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("case_id", KEY, server_default="0", nullable=False),
        sa.Column("verb", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("ticket", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_by", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("undo_of", KEY, server_default="0", nullable=False),
        sa.Column("undone_by", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_case_id"), "correction", ["case_id"], unique=False)

    op.create_table(
        "counter",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("version", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_counter")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("correction_id", KEY, server_default="0", nullable=False),
        sa.Column("position", KEY, server_default="0", nullable=False),
        sa.Column("destination", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", KEY, server_default="0", nullable=False),
        sa.Column("parked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("proof", sa.Text(), server_default="", nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("patient_id", sa.Text(), server_default="", nullable=False),
        sa.Column("study_instance_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("message_id", KEY, server_default="0", nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("filed_at", sa.BigInteger(), nullable=True),
        sa.Column("version", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_correction_id"), "delivery", ["correction_id"], unique=False)
    op.create_index("ix_delivery_state", "delivery", ["state"], unique=False)

    op.create_table(
        "delivery_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("delivery_id", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "delivery_id", name=op.f("pk_delivery_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "engine_life",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("host", sa.Text(), server_default="", nullable=False),
        sa.Column("pid", KEY, server_default="0", nullable=False),
        sa.Column("worker_pid", KEY, server_default="0", nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.Column("endpoints", sa.JSON(), nullable=False),
        sa.Column("heartbeat", sa.BigInteger(), nullable=True),
        sa.Column("worker_heartbeat", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engine_life")),
    )
    op.create_table(
        "identifier",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("person_id", KEY, server_default="0", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("issuer", sa.Text(), server_default="", nullable=False),
        sa.Column("normal", sa.Text(), server_default="", nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifier")),
        sa.UniqueConstraint("value", "issuer", name="uq_identifier_value"),
    )
    op.create_index(op.f("ix_identifier_normal"), "identifier", ["normal"], unique=False)
    op.create_index(op.f("ix_identifier_person_id"), "identifier", ["person_id"], unique=False)

    op.create_table(
        "imaging_order",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("person_id", KEY, server_default="0", nullable=False),
        sa.Column("accession_number", sa.Text(), server_default="", nullable=False),
        sa.Column("issuer_of_accession", sa.Text(), server_default="", nullable=False),
        sa.Column("placer_order_number", sa.Text(), server_default="", nullable=False),
        sa.Column("filler_order_number", sa.Text(), server_default="", nullable=False),
        sa.Column("requested_procedure_id", sa.Text(), server_default="", nullable=False),
        sa.Column("requested_procedure_description", sa.Text(), server_default="", nullable=False),
        sa.Column("study_instance_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_class", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("message_id", KEY, server_default="0", nullable=False),
        sa.Column("version", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imaging_order")),
    )
    op.create_index(op.f("ix_imaging_order_accession_number"), "imaging_order", ["accession_number"], unique=False)
    op.create_index(
        op.f("ix_imaging_order_filler_order_number"), "imaging_order", ["filler_order_number"], unique=False
    )
    op.create_index(op.f("ix_imaging_order_person_id"), "imaging_order", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_imaging_order_placer_order_number"), "imaging_order", ["placer_order_number"], unique=False
    )
    op.create_index(op.f("ix_imaging_order_received_at"), "imaging_order", ["received_at"], unique=False)
    op.create_index(op.f("ix_imaging_order_study_instance_uid"), "imaging_order", ["study_instance_uid"], unique=False)

    op.create_table(
        "link",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("study_id", KEY, server_default="0", nullable=False),
        sa.Column("order_id", KEY, server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("correction_id", KEY, server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    op.create_index("ix_link_order", "link", ["order_id"], unique=False)
    op.create_index(
        "uq_link_study",
        "link",
        ["study_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )

    op.create_table(
        "merge",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("survivor_id", KEY, server_default="0", nullable=False),
        sa.Column("non_survivor_id", KEY, server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("message_id", KEY, server_default="0", nullable=False),
        sa.Column("correction_id", KEY, server_default="0", nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_non_survivor_id"), "merge", ["non_survivor_id"], unique=False)
    op.create_index(op.f("ix_merge_survivor_id"), "merge", ["survivor_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("direction", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("peer", sa.Text(), server_default="", nullable=False),
        sa.Column("sending_application", sa.Text(), server_default="", nullable=False),
        sa.Column("sending_facility", sa.Text(), server_default="", nullable=False),
        sa.Column("control_id", sa.Text(), server_default="", nullable=False),
        sa.Column("message_type", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("ack_code", sa.Text(), server_default="", nullable=False),
        sa.Column("ack", sa.LargeBinary(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("effect", sa.JSON(), nullable=False),
        sa.Column("patient_id", sa.Text(), server_default="", nullable=False),
        sa.Column("accession_number", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_id", KEY, server_default="0", nullable=False),
        sa.Column("first_id", KEY, server_default="0", nullable=False),
        sa.Column("size", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_control", "message", ["control_id", "sending_application"], unique=False)
    op.create_index("ix_message_state", "message", ["state", "id"], unique=False)

    op.create_table(
        "message_key",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "message_id", name=op.f("pk_message_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "order_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "order_id", name=op.f("pk_order_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_order_key_order", "order_key", ["order_id"], unique=False)

    op.create_table(
        "original",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("delivery_id", KEY, server_default="0", nullable=False),
        sa.Column("study_instance_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("series_instance_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("sop_instance_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_original")),
        sa.UniqueConstraint("delivery_id", "sop_instance_uid", name="uq_original_instance"),
    )
    op.create_table(
        "pacs_state",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("up", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_success", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("baseline_done", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("send", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pacs_state")),
        sa.UniqueConstraint("name", name=op.f("uq_pacs_state_name")),
    )
    op.create_table(
        "person",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("patient_id", sa.Text(), server_default="", nullable=False),
        sa.Column("issuer_of_patient_id", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_name", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_birth_date", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_sex", sa.Text(), server_default="", nullable=False),
        sa.Column("quarantined", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("before_overlay", sa.JSON(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("merged_into", KEY, server_default="0", nullable=False),
        sa.Column("version", KEY, server_default="0", nullable=False),
        sa.Column("message_id", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index("ix_person_birth", "person", ["patient_birth_date"], unique=False)

    op.create_table(
        "person_history",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("person_id", KEY, server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("prior", sa.JSON(), nullable=False),
        sa.Column("message_id", KEY, server_default="0", nullable=False),
        sa.Column("correction_id", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_history")),
    )
    op.create_index(op.f("ix_person_history_person_id"), "person_history", ["person_id"], unique=False)

    op.create_table(
        "recon_case",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("severity", KEY, server_default="0", nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("study_id", KEY, server_default="0", nullable=False),
        sa.Column("order_id", KEY, server_default="0", nullable=False),
        sa.Column("person_id", KEY, server_default="0", nullable=False),
        sa.Column("finding", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("close_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("correction_id", KEY, server_default="0", nullable=False),
        sa.Column("version", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recon_case")),
    )
    op.create_index("ix_case_state", "recon_case", ["state", "kind"], unique=False)
    op.create_index("ix_case_subject", "recon_case", ["kind", "subject"], unique=False)
    op.create_index(op.f("ix_recon_case_study_id"), "recon_case", ["study_id"], unique=False)
    op.create_index(
        "uq_case_live",
        "recon_case",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'correcting')"),
        postgresql_where=sa.text("state IN ('open', 'correcting')"),
    )

    op.create_table(
        "report",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("order_id", KEY, server_default="0", nullable=False),
        sa.Column("accession_number", sa.Text(), server_default="", nullable=False),
        sa.Column("study_instance_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("number", KEY, server_default="0", nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("message_id", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(op.f("ix_report_accession_number"), "report", ["accession_number"], unique=False)
    op.create_index(op.f("ix_report_order_id"), "report", ["order_id"], unique=False)
    op.create_index(op.f("ix_report_study_instance_uid"), "report", ["study_instance_uid"], unique=False)

    op.create_table(
        "request",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    op.create_index("ix_request_state", "request", ["state"], unique=False)

    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "step",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("order_id", KEY, server_default="0", nullable=False),
        sa.Column("scheduled_procedure_step_id", sa.Text(), server_default="", nullable=False),
        sa.Column("modality", sa.Text(), server_default="", nullable=False),
        sa.Column("station_ae_title", sa.Text(), server_default="", nullable=False),
        sa.Column("station_name", sa.Text(), server_default="", nullable=False),
        sa.Column("start", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
    )
    op.create_index(op.f("ix_step_order_id"), "step", ["order_id"], unique=False)
    op.create_index("ix_step_worklist", "step", ["status", "start"], unique=False)

    op.create_table(
        "study",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("pacs", sa.Text(), server_default="", nullable=False),
        sa.Column("study_instance_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("accession_number", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_id", sa.Text(), server_default="", nullable=False),
        sa.Column("issuer_of_patient_id", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_normal", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_name", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_birth_date", sa.Text(), server_default="", nullable=False),
        sa.Column("patient_sex", sa.Text(), server_default="", nullable=False),
        sa.Column("person_id", KEY, server_default="0", nullable=False),
        sa.Column("performed", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("modality", sa.Text(), server_default="", nullable=False),
        sa.Column("station_name", sa.Text(), server_default="", nullable=False),
        sa.Column("series", KEY, server_default="0", nullable=False),
        sa.Column("instances", KEY, server_default="0", nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_changed", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("steady", KEY, server_default="0", nullable=False),
        sa.Column("baseline", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("judged", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("not_judged", sa.Text(), server_default="", nullable=False),
        sa.Column("version", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sa.UniqueConstraint("pacs", "study_instance_uid", name="uq_study_uid"),
    )
    op.create_index(op.f("ix_study_accession_number"), "study", ["accession_number"], unique=False)
    op.create_index(op.f("ix_study_first_seen"), "study", ["first_seen"], unique=False)
    op.create_index("ix_study_judged", "study", ["judged"], unique=False)
    op.create_index(op.f("ix_study_patient_normal"), "study", ["patient_normal"], unique=False)
    op.create_index(op.f("ix_study_person_id"), "study", ["person_id"], unique=False)
    op.create_index(op.f("ix_study_study_instance_uid"), "study", ["study_instance_uid"], unique=False)

    op.create_table(
        "study_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("study_id", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "study_id", name=op.f("pk_study_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_study_key_study", "study_key", ["study_id"], unique=False)

    op.create_table(
        "touched",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touched")),
    )
    op.create_index("ix_touched_due", "touched", ["due"], unique=False)

    op.create_table(
        "worklist_query",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("peer_ae_title", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("matches", KEY, server_default="0", nullable=False),
        sa.Column("milliseconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worklist_query")),
    )
