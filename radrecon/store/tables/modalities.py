"""What modalities and their peers ask, perform and store; other systems' worklists."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, Key, flag, id_, json, metadata, number, text

# -- worklist ---------------------------------------------------------------------------------------------------------

worklist_query = sa.Table(
    "worklist_query",
    metadata,
    id_(),
    sa.Column("at", Instant, nullable=False),
    text("peer_ae_title"),
    text("address"),
    json("keys"),
    number("matches"),
    sa.Column("milliseconds", sa.Float, nullable=False, server_default="0"),
    text("status"),
    sa.Column("narrowed", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("ignored", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("criteria", sa.JSON, nullable=False, server_default="{}"),
)

worklist_change = sa.Table(
    "worklist_change",  # written by triggers (migration 0006): whose answers are others now; the engine prunes it
    metadata,
    id_(),
    number("order_id"),  # 0: all orders of the person
    number("person_id"),  # 0: this order only
)

# -- performed steps --------------------------------------------------------------------------------------------------

performed_step = sa.Table(
    "performed_step",
    metadata,
    id_(),
    sa.Column("sop_instance_uid", sa.Text, nullable=False, unique=True),
    text("status"),  # IN PROGRESS, COMPLETED, DISCONTINUED
    flag("wrong_worklist_entry"),
    flag("given_up"),  # never ended by its modality: its images came, and then nothing changed any more
    text("performed_procedure_step_id"),
    text("modality"),
    text("station_ae_title"),
    text("station_name"),
    text("started"),  # the modality's wall clock, ISO
    text("ended"),
    text("patient_id"),
    text("issuer_of_patient_id"),
    text("patient_normal", index=True),
    text("patient_name"),
    text("patient_birth_date"),
    text("patient_sex"),
    number("person_id", index=True),
    text("peer_ae_title"),
    text("address"),
    number("series"),
    number("instances"),
    json("data"),
    sa.Column("created_at", Instant, nullable=False, index=True),
    sa.Column("updated_at", Instant, nullable=False),
    number("version"),
)

performed_reference = sa.Table(
    "performed_reference",
    metadata,
    id_(),
    number("performed_id", index=True),
    text("study_instance_uid", index=True),
    text("accession_number", index=True),
    text("scheduled_procedure_step_id"),
    text("placement"),  # applied, not_found, ambiguous, patient_conflict, step_cancelled
    number("order_id", index=True),
    number("step_id"),
    json("data"),
)

performed_series = sa.Table(
    "performed_series",
    metadata,
    sa.Column("performed_id", Key, primary_key=True, autoincrement=False),
    sa.Column("series_instance_uid", sa.Text, primary_key=True, index=True),
    text("protocol_name"),
    text("description"),
    number("images"),
    number("others"),
    sqlite_with_rowid=False,
)

performed_message = sa.Table(
    "performed_message",  # the journal of N-CREATE and N-SET, those that were refused too
    metadata,
    id_(),
    sa.Column("at", Instant, nullable=False),
    text("operation"),  # N-CREATE, N-SET
    text("sop_instance_uid", index=True),
    number("performed_id", index=True),
    text("peer_ae_title"),
    text("address"),
    text("transfer_syntax"),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    text("state"),  # applied, repeated, refused
    text("performed_status"),  # as the step stood afterwards
    text("reason"),
)

# -- the RIS's worklist -----------------------------------------------------------------------------------------------

ris_list = sa.Table(
    "ris_list",
    metadata,
    id_(),
    text("source"),
    text("station"),  # the AE title that it was asked as
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("complete_at", Instant),
    sa.Column("first_complete_at", Instant),
    number("answers"),
    text("error"),
    text("day_from"),
    text("day_to"),
    sa.Column("milliseconds", sa.Float, nullable=False, server_default="0"),
    sa.UniqueConstraint("source", "station", name="uq_ris_list_station"),
)

ris_entry = sa.Table(
    "ris_entry",
    metadata,
    id_(),
    text("source"),
    text("station"),
    text("key"),
    text("accession_key", index=True),
    json("data"),
    sa.Column("first_seen", Instant, nullable=False),
    flag("fresh"),
    sa.Column("last_seen", Instant),  # of what is gone: the last list that had it
    sa.Column("gone_at", Instant),
    sa.Index(
        "uq_ris_entry_listed",
        "source",
        "station",
        "key",
        unique=True,
        sqlite_where=sa.text("gone_at IS NULL"),
        postgresql_where=sa.text("gone_at IS NULL"),
    ),
    sa.Index("ix_ris_entry_gone", "source", "gone_at"),
    sa.Index("ix_ris_entry_key", "source", "key"),
)

# -- storage ----------------------------------------------------------------------------------------------------------

stored_study = sa.Table(
    "stored_study",
    metadata,
    id_(),
    sa.Column("study_instance_uid", sa.Text, nullable=False, unique=True),
    text("ae_title"),  # who sent last, and from where
    text("address"),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    number("arrivals"),
    flag("waiting"),  # for the worker, to be seen as a study
    sa.Index(
        "ix_stored_study_waiting",
        "id",
        sqlite_where=sa.text("waiting"),
        postgresql_where=sa.text("waiting"),
    ),
)

stored_instance = sa.Table(
    "stored_instance",
    metadata,
    id_(),
    sa.Column("sop_instance_uid", sa.Text, nullable=False, unique=True),
    text("sop_class_uid"),
    text("study_instance_uid"),
    text("series_instance_uid", index=True),
    text("transfer_syntax_uid"),
    text("instance_number"),
    number("frames"),
    number("size"),
    text("digest"),  # of the header that says the same
    sa.Column("at", Instant, nullable=False),
    number("again"),  # times that it was sent again
    sa.Index("ix_stored_instance_study", "study_instance_uid", "series_instance_uid"),
)

stored_header = sa.Table(
    "stored_header",
    metadata,
    id_(),
    text("study_instance_uid", index=True),
    text("series_instance_uid"),
    text("digest"),
    text("transfer_syntax_uid"),
    sa.Column("header", sa.LargeBinary, nullable=False),  # deflated
    text("flaw"),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("series_instance_uid", "digest", name="uq_stored_header_series"),
)

thumbnail = sa.Table(
    "thumbnail",
    metadata,
    id_(),
    sa.Column("series_instance_uid", sa.Text, nullable=False, unique=True),
    sa.Column("png", sa.LargeBinary),
    text("why_not"),
    sa.Column("at", Instant, nullable=False),
)

refusal = sa.Table(
    "refusal",
    metadata,
    id_(),
    sa.Column("hour", Instant, nullable=False),
    text("address"),
    text("ae_title"),
    text("reason"),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    number("count"),
    sa.UniqueConstraint("hour", "address", "ae_title", "reason", name="uq_refusal_hour"),
)
