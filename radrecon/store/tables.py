"""The tables. Instants are UTC microseconds in a BIGINT (`Instant`); values that are only carried are JSON.

Column names follow DICOM keywords in snake case where one exists. Migrations are written against these.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(sa.TypeDecorator[datetime]):
    """An aware datetime ⇄ UTC microseconds since 1970."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> sa.Column[int]:
    return sa.Column("id", Key, primary_key=True, autoincrement=True)


def _text(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="", **more)


def _number(name: str, **more: Any) -> sa.Column[int]:
    return sa.Column(name, Key, nullable=False, server_default="0", **more)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON, nullable=False)


# -- life -------------------------------------------------------------------------------------------------------------

counter = sa.Table("counter", metadata, sa.Column("topic", sa.Text, primary_key=True), _number("version"))

engine_life = sa.Table(
    "engine_life",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _text("state"),
    _text("host"),
    _number("pid"),
    _number("worker_pid"),
    _text("version"),
    _json("endpoints"),
    sa.Column("heartbeat", Instant),
    sa.Column("worker_heartbeat", Instant),
)

setting = sa.Table("setting", metadata, sa.Column("key", sa.Text, primary_key=True), _json("value"), _text("source"))

request = sa.Table(
    "request",
    metadata,
    _id(),
    _text("kind"),
    _json("arguments"),
    _text("state"),  # asked, claimed, answered, failed
    sa.Column("result", sa.JSON),
    _text("error"),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("deadline", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Index("ix_request_state", "state"),
)

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    sa.Column("at", Instant, nullable=False),
    _text("who"),
    _text("what"),
    _text("subject"),
    _json("detail"),
)

# -- journal ----------------------------------------------------------------------------------------------------------

message = sa.Table(
    "message",
    metadata,
    _id(),
    _text("direction"),  # in, out
    sa.Column("at", Instant, nullable=False),
    _text("peer"),
    _text("sending_application"),
    _text("sending_facility"),
    _text("control_id"),
    _text("message_type"),
    _text("sent_at"),  # MSH-7 as written
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    _text("state"),  # in: applied, refused, resend, echo; out: sending, acknowledged, refused, uncertain
    _text("reason"),
    _text("ack_code"),
    sa.Column("ack", sa.LargeBinary),
    _json("flags"),
    _json("effect"),
    _text("patient_id"),
    _text("accession_number"),
    _number("delivery_id"),
    _number("first_id"),  # of a resend or replay: the message it repeats
    _number("size"),
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
    _text("text"),
)

message_text = sa.Table(
    "message_text",  # PostgreSQL only: SQLite keeps what can be found as free text in a file beside (see text_index)
    metadata,
    sa.Column("message_id", Key, primary_key=True, autoincrement=False),
    _text("text"),
)

message_pair = sa.Table(
    "message_pair",
    metadata,
    _id(),
    _text("kind"),  # hop: the same message before and behind the interface engine; ack: a copy of its answer
    _number("first_id", index=True),
    _number("second_id", index=True),
    _json("changes"),  # [[path, before, behind], ...]
    sa.Column("at", Instant, nullable=False),
)

sender = sa.Table(
    "sender",
    metadata,
    _id(),
    _text("sending_application"),
    _text("sending_facility"),
    sa.Column("first_heard", Instant, nullable=False),
    sa.Column("last_heard", Instant, nullable=False),
    _number("messages"),
    _number("refused"),
    _number("late"),  # came long after they were written: a queue, a replay
    sa.Column("skew", sa.Float),  # seconds from MSH-7 to arrival, smoothed; negative: its clock is ahead of ours
    sa.Column("skew_least", sa.Float),
    sa.Column("skew_most", sa.Float),
    sa.UniqueConstraint("sending_application", "sending_facility", name="uq_sender_name"),
)

# -- persons ----------------------------------------------------------------------------------------------------------

person = sa.Table(
    "person",
    metadata,
    _id(),
    _text("patient_id"),
    _text("issuer_of_patient_id"),
    _text("patient_name"),
    _text("patient_birth_date"),
    _text("patient_sex"),
    _flag("quarantined"),
    sa.Column("before_overlay", sa.JSON),
    sa.Column("updated_at", Instant),
    _number("merged_into"),
    _number("version"),
    _number("message_id"),
    sa.Index("ix_person_birth", "patient_birth_date"),
)

identifier = sa.Table(
    "identifier",
    metadata,
    _id(),
    _number("person_id", index=True),
    _text("value"),
    _text("issuer"),
    _text("normal", index=True),
    _flag("retired"),  # a non-survivor's: leads to the survivor, and takes no new identity
    sa.Column("retired_at", Instant),  # by the clock of the sender who said so
    sa.UniqueConstraint("value", "issuer", name="uq_identifier_value"),
)

person_history = sa.Table(
    "person_history",
    metadata,
    _id(),
    _number("person_id", index=True),
    sa.Column("at", Instant, nullable=False),
    _text("event"),
    _json("prior"),
    _number("message_id"),
    _number("correction_id"),
)

merge = sa.Table(
    "merge",
    metadata,
    _id(),
    _number("survivor_id", index=True),
    _number("non_survivor_id", index=True),
    sa.Column("at", Instant, nullable=False),
    _number("message_id"),
    _number("correction_id"),
    _json("moved"),  # ids by table, and what an unmerge needs besides
    sa.Column("undone_at", Instant),
)

person_link = sa.Table(
    "person_link",
    metadata,
    _id(),
    _number("person_id", index=True),
    _number("other_id", index=True),
    sa.Column("at", Instant, nullable=False),
    _number("message_id"),
    sa.Column("ended_at", Instant),
    _number("end_message_id"),
)

crosswalk = sa.Table(
    "crosswalk",
    metadata,
    _id(),
    _text("value"),  # a legacy number, and its assigning authority
    _text("issuer"),
    _text("normal", index=True),
    _text("target_value"),  # the number that the same person has now
    _text("target_issuer"),
    _text("target_normal", index=True),
    _text("source"),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("value", "issuer", name="uq_crosswalk_value"),
)

visit = sa.Table(
    "visit",
    metadata,
    _id(),
    _number("person_id", index=True),
    _text("kind"),  # visit (PV1-19), account (PID-18), alternate (PV1-50)
    _text("number", index=True),
    _text("issuer"),
    _text("patient_class"),
    _text("location"),
    _text("state"),  # preadmitted, registered, admitted, discharged, cancelled, deleted, merged
    _text("account"),
    _text("former_state"),
    _text("former_location"),
    sa.Column("updated_at", Instant, nullable=False),  # by the sender's clock
    _number("message_id"),
    _number("merged_into"),
)

notice = sa.Table(
    "notice",
    metadata,
    _id(),
    _text("kind"),  # deletion, retired_identifier …: what a message said that only a person can act on
    _number("person_id", index=True),
    _number("order_id", index=True),
    _number("message_id"),
    sa.Column("at", Instant, nullable=False),
    _json("detail"),
    sa.Column("settled_at", Instant),
)

# -- orders -----------------------------------------------------------------------------------------------------------

imaging_order = sa.Table(
    "imaging_order",
    metadata,
    _id(),
    _number("person_id", index=True),
    _text("accession_number", index=True),
    _text("issuer_of_accession"),
    _text("placer_order_number", index=True),
    _text("filler_order_number", index=True),
    _text("requested_procedure_id"),
    _text("requested_procedure_description"),
    _text("study_instance_uid", index=True),
    _text("priority"),
    _text("patient_class"),
    _text("status"),
    _text("sender"),
    _json("data"),
    sa.Column("received_at", Instant, nullable=False, index=True),
    _number("message_id"),
    _number("version"),
)

step = sa.Table(
    "step",
    metadata,
    _id(),
    _number("order_id", index=True),
    _text("scheduled_procedure_step_id"),
    _text("modality"),
    _text("station_ae_title"),
    _text("station_name"),
    _text("start"),  # the site's wall clock, ISO
    _text("status"),
    _json("data"),
    sa.Index("ix_step_worklist", "status", "start"),
)

order_key = sa.Table(
    "order_key",
    metadata,
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("order_id", Key, primary_key=True, autoincrement=False),
    sa.Index("ix_order_key_order", "order_id"),
    sqlite_with_rowid=False,
)

report = sa.Table(
    "report",
    metadata,
    _id(),
    _number("order_id", index=True),
    _text("accession_number", index=True),
    _text("study_instance_uid", index=True),
    _text("placer_order_number", index=True),
    _text("filler_order_number", index=True),
    _text("status"),
    _number("number"),
    _json("data"),
    sa.Column("received_at", Instant, nullable=False),
    _number("message_id"),
)

appointment = sa.Table(
    "appointment",
    metadata,
    _id(),
    _number("person_id", index=True),
    _text("sender"),
    _text("placer_appointment_id", index=True),
    _text("filler_appointment_id", index=True),
    _text("state"),  # booked, cancelled, no_show
    _flag("pending"),  # none of its orders has been heard yet
    _json("orders"),  # ids of the orders that it is for
    _json("data"),
    sa.Column("updated_at", Instant, nullable=False),
    _number("message_id"),
    sa.Index("ix_appointment_pending", "pending", "person_id"),
)

# -- studies ----------------------------------------------------------------------------------------------------------

study = sa.Table(
    "study",
    metadata,
    _id(),
    _text("pacs"),
    _text("study_instance_uid", index=True),
    _text("accession_number", index=True),
    _text("patient_id"),
    _text("issuer_of_patient_id"),
    _text("patient_normal", index=True),
    _text("patient_name"),
    _text("patient_birth_date"),
    _text("patient_sex"),
    _number("person_id", index=True),
    _text("performed"),
    _text("description"),
    _text("modality"),
    _text("station_name"),
    _number("series"),
    _number("instances"),
    _json("data"),
    sa.Column("first_seen", Instant, nullable=False, index=True),
    sa.Column("last_changed", Instant, nullable=False),
    sa.Column("last_seen", Instant, nullable=False),
    _number("steady"),
    _flag("baseline"),
    _flag("gone"),
    _flag("judged"),
    _text("not_judged"),
    _number("version"),
    _flag("wrong_worklist_entry"),  # holds images of a performed step that was a wrong pick (DCM 110514)
    sa.Column("as_of", Instant),  # when the look began that its facts come from
    sa.Column("arriving_since", Instant),
    sa.Column("steady_since", Instant),  # when a second look found the same
    sa.UniqueConstraint("pacs", "study_instance_uid", name="uq_study_uid"),
    sa.Index("ix_study_judged", "judged"),
    sa.Index(
        "ix_study_unsteady",
        "pacs",
        "last_changed",
        sqlite_where=sa.text("steady = 0 AND NOT gone AND NOT baseline"),
        postgresql_where=sa.text("steady = 0 AND NOT gone AND NOT baseline"),
    ),
    sa.Index("ix_study_performed", "pacs", "performed"),
)

study_key = sa.Table(
    "study_key",
    metadata,
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("study_id", Key, primary_key=True, autoincrement=False),
    sa.Index("ix_study_key_study", "study_id"),
    sqlite_with_rowid=False,
)

link = sa.Table(
    "link",
    metadata,
    _id(),
    _number("study_id"),
    _number("order_id"),
    _text("state"),  # auto, pending, confirmed
    _number("correction_id"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Index(
        "uq_link_study",
        "study_id",
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    ),
    sa.Index("ix_link_order", "order_id"),
)

pacs_state = sa.Table(
    "pacs_state",
    metadata,
    _id(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    _flag("up"),
    sa.Column("last_success", Instant),
    _text("last_error"),
    _flag("baseline_done"),
    _flag("send"),
)

# -- reconciliation ---------------------------------------------------------------------------------------------------

touched = sa.Table(
    "touched",
    metadata,
    _id(),
    _text("kind"),  # key, study, person, accession
    _text("value"),
    sa.Column("due", Instant, nullable=False),
    sa.Index("ix_touched_due", "due"),
)

case = sa.Table(
    "recon_case",
    metadata,
    _id(),
    _text("kind"),
    _text("subject"),
    _text("state"),  # open, correcting, closed, dismissed
    _number("severity"),
    _text("cause"),
    _text("owner"),
    _number("study_id", index=True),
    _number("order_id"),
    _number("person_id"),
    _json("finding"),
    _text("digest"),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("closed_at", Instant),
    _text("close_reason"),
    _text("closed_by"),
    _number("correction_id"),
    _number("version"),
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
    _id(),
    _number("case_id", index=True),
    _text("verb"),
    _text("state"),  # under way, done, in trouble, stale, undone
    _text("summary"),
    _json("plan"),
    _text("reason"),
    _text("ticket"),
    _text("approved_by"),
    sa.Column("approved_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    _number("undo_of"),
    _number("undone_by"),
)

delivery = sa.Table(
    "delivery",
    metadata,
    _id(),
    _number("correction_id", index=True),
    _number("position"),
    _text("destination"),
    _text("kind"),  # hl7, dicom
    _text("title"),
    _text("state"),
    _text("words"),
    _number("attempts"),
    _flag("parked"),
    _text("proof"),
    _json("plan"),
    _text("patient_id"),
    _text("study_instance_uid"),
    _number("message_id"),
    sa.Column("due", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("written_at", Instant),
    sa.Column("acknowledged_at", Instant),
    sa.Column("filed_at", Instant),
    _number("version"),
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
    _id(),
    _number("delivery_id"),
    _text("study_instance_uid"),
    _text("series_instance_uid"),
    _text("sop_instance_uid"),
    _json("header"),
    sa.UniqueConstraint("delivery_id", "sop_instance_uid", name="uq_original_instance"),
)

# -- worklist ---------------------------------------------------------------------------------------------------------

worklist_query = sa.Table(
    "worklist_query",
    metadata,
    _id(),
    sa.Column("at", Instant, nullable=False),
    _text("peer_ae_title"),
    _text("address"),
    _json("keys"),
    _number("matches"),
    sa.Column("milliseconds", sa.Float, nullable=False, server_default="0"),
    _text("status"),
    sa.Column("narrowed", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("ignored", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("criteria", sa.JSON, nullable=False, server_default="{}"),
)

# -- performed steps --------------------------------------------------------------------------------------------------

performed_step = sa.Table(
    "performed_step",
    metadata,
    _id(),
    sa.Column("sop_instance_uid", sa.Text, nullable=False, unique=True),
    _text("status"),  # IN PROGRESS, COMPLETED, DISCONTINUED
    _flag("wrong_worklist_entry"),
    _flag("given_up"),  # never ended by its modality: its images came, and then nothing changed any more
    _text("performed_procedure_step_id"),
    _text("modality"),
    _text("station_ae_title"),
    _text("station_name"),
    _text("started"),  # the modality's wall clock, ISO
    _text("ended"),
    _text("patient_id"),
    _text("issuer_of_patient_id"),
    _text("patient_normal", index=True),
    _text("patient_name"),
    _text("patient_birth_date"),
    _text("patient_sex"),
    _number("person_id", index=True),
    _text("peer_ae_title"),
    _text("address"),
    _number("series"),
    _number("instances"),
    _json("data"),
    sa.Column("created_at", Instant, nullable=False, index=True),
    sa.Column("updated_at", Instant, nullable=False),
    _number("version"),
)

performed_reference = sa.Table(
    "performed_reference",
    metadata,
    _id(),
    _number("performed_id", index=True),
    _text("study_instance_uid", index=True),
    _text("accession_number", index=True),
    _text("scheduled_procedure_step_id"),
    _text("placement"),  # applied, not_found, ambiguous, patient_conflict, step_cancelled
    _number("order_id", index=True),
    _number("step_id"),
    _json("data"),
)

performed_series = sa.Table(
    "performed_series",
    metadata,
    sa.Column("performed_id", Key, primary_key=True, autoincrement=False),
    sa.Column("series_instance_uid", sa.Text, primary_key=True, index=True),
    _text("protocol_name"),
    _text("description"),
    _number("images"),
    _number("others"),
    sqlite_with_rowid=False,
)

performed_message = sa.Table(
    "performed_message",  # the journal of N-CREATE and N-SET, those that were refused too
    metadata,
    _id(),
    sa.Column("at", Instant, nullable=False),
    _text("operation"),  # N-CREATE, N-SET
    _text("sop_instance_uid", index=True),
    _number("performed_id", index=True),
    _text("peer_ae_title"),
    _text("address"),
    _text("transfer_syntax"),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    _text("state"),  # applied, repeated, refused
    _text("performed_status"),  # as the step stood afterwards
    _text("reason"),
)

# -- the RIS's worklist -----------------------------------------------------------------------------------------------

ris_list = sa.Table(
    "ris_list",
    metadata,
    _id(),
    _text("source"),
    _text("station"),  # the AE title that it was asked as
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("complete_at", Instant),
    sa.Column("first_complete_at", Instant),
    _number("answers"),
    _text("error"),
    _text("day_from"),
    _text("day_to"),
    sa.Column("milliseconds", sa.Float, nullable=False, server_default="0"),
    sa.UniqueConstraint("source", "station", name="uq_ris_list_station"),
)

ris_entry = sa.Table(
    "ris_entry",
    metadata,
    _id(),
    _text("source"),
    _text("station"),
    _text("key"),
    _text("accession_key", index=True),
    _json("data"),
    sa.Column("first_seen", Instant, nullable=False),
    _flag("fresh"),
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

# -- study feed -------------------------------------------------------------------------------------------------------

study_history = sa.Table(
    "study_history",
    metadata,
    _id(),
    _number("study_id", index=True),
    sa.Column("at", Instant, nullable=False),
    _text("event"),  # changed, gone, back
    _json("prior"),  # field → what the PACS said before
)

pacs_feed = sa.Table(
    "pacs_feed",
    metadata,
    _id(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    _text("kind"),  # dicom, qido, orthanc
    _text("mode"),  # small: looked through at each poll; large: by windows and a sweep
    sa.Column("query_seconds", sa.Float, nullable=False, server_default="0"),  # how long the last list took
    _number("change_position"),  # Orthanc's Seq
    sa.Column("change_at", Instant),
    _text("change_error"),
    _text("sweep_stage"),  # dated, undated; empty: none is under way
    _text("sweep_upto"),  # ISO date: later days are done; empty: none is
    _number("sweep_days"),
    _number("sweep_seen"),
    _number("sweep_details"),
    _number("sweep_vanished"),
    _text("sweep_error"),
    sa.Column("sweep_started", Instant),
    sa.Column("sweep_finished", Instant),  # the last one that came to its end
)

worklist_change = sa.Table(
    "worklist_change",  # written by triggers (migration 0006): whose answers are others now; the engine prunes it
    metadata,
    _id(),
    _number("order_id"),  # 0: all orders of the person
    _number("person_id"),  # 0: this order only
)

TOPICS = (
    "orders", "patients", "studies", "cases", "messages", "deliveries", "worklist", "life", "pacs", "settings",
    "requests", "touched", "reports", "performed", "instances", "refusals",
)  # fmt: skip

# -- storage ----------------------------------------------------------------------------------------------------------

stored_study = sa.Table(
    "stored_study",
    metadata,
    _id(),
    sa.Column("study_instance_uid", sa.Text, nullable=False, unique=True),
    _text("ae_title"),  # who sent last, and from where
    _text("address"),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    _number("arrivals"),
    _flag("waiting"),  # for the worker, to be seen as a study
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
    _id(),
    sa.Column("sop_instance_uid", sa.Text, nullable=False, unique=True),
    _text("sop_class_uid"),
    _text("study_instance_uid"),
    _text("series_instance_uid", index=True),
    _text("transfer_syntax_uid"),
    _text("instance_number"),
    _number("frames"),
    _number("size"),
    _text("digest"),  # of the header that says the same
    sa.Column("at", Instant, nullable=False),
    _number("again"),  # times that it was sent again
    sa.Index("ix_stored_instance_study", "study_instance_uid", "series_instance_uid"),
)

stored_header = sa.Table(
    "stored_header",
    metadata,
    _id(),
    _text("study_instance_uid", index=True),
    _text("series_instance_uid"),
    _text("digest"),
    _text("transfer_syntax_uid"),
    sa.Column("header", sa.LargeBinary, nullable=False),  # deflated
    _text("flaw"),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("series_instance_uid", "digest", name="uq_stored_header_series"),
)

thumbnail = sa.Table(
    "thumbnail",
    metadata,
    _id(),
    sa.Column("series_instance_uid", sa.Text, nullable=False, unique=True),
    sa.Column("png", sa.LargeBinary),
    _text("why_not"),
    sa.Column("at", Instant, nullable=False),
)

refusal = sa.Table(
    "refusal",
    metadata,
    _id(),
    sa.Column("hour", Instant, nullable=False),
    _text("address"),
    _text("ae_title"),
    _text("reason"),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    _number("count"),
    sa.UniqueConstraint("hour", "address", "ae_title", "reason", name="uq_refusal_hour"),
)
