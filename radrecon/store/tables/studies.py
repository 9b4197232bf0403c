"""Studies as each PACS lists them, their links to orders, and how far each feed is."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, Key, flag, id_, json, metadata, number, text

# -- studies ----------------------------------------------------------------------------------------------------------

study = sa.Table(
    "study",
    metadata,
    id_(),
    text("pacs"),
    text("study_instance_uid", index=True),
    text("accession_number", index=True),
    text("patient_id"),
    text("issuer_of_patient_id"),
    text("patient_normal", index=True),
    text("patient_name"),
    text("patient_birth_date"),
    text("patient_sex"),
    number("person_id", index=True),
    text("performed"),
    text("description"),
    text("modality"),
    text("station_name"),
    number("series"),
    number("instances"),
    json("data"),
    sa.Column("first_seen", Instant, nullable=False, index=True),
    sa.Column("last_changed", Instant, nullable=False),
    sa.Column("last_seen", Instant, nullable=False),
    number("steady"),
    flag("baseline"),
    flag("gone"),
    flag("judged"),
    text("not_judged"),
    number("version"),
    flag("wrong_worklist_entry"),  # holds images of a performed step that was a wrong pick (DCM 110514)
    sa.Column("as_of", Instant),  # when the look began that its facts come from
    sa.Column("arriving_since", Instant),
    sa.Column("steady_since", Instant),  # when a second look found the same
    text("match_class", index=True),  # linked, suggested, orphan, outside, follows, not_judged; empty: not looked at
    number("follows"),  # the study that this one, of companions only, goes with
    number("prior_of"),  # the person whom an outside study may be a prior of
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

study_request = sa.Table(
    "study_request",
    metadata,
    id_(),
    number("study_id", index=True),
    text("accession_number", index=True),  # that its images name beside their own
)

link = sa.Table(
    "link",
    metadata,
    id_(),
    number("study_id"),
    number("order_id"),
    text("state"),  # auto, pending, confirmed
    number("correction_id"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    number("place"),  # of a study's several orders; 0 is the first one
    sa.Index(
        "uq_link_place",
        "study_id",
        "place",
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    ),
    sa.Index("ix_link_order", "order_id"),
)

pacs_state = sa.Table(
    "pacs_state",
    metadata,
    id_(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    flag("up"),
    sa.Column("last_success", Instant),
    text("last_error"),
    flag("baseline_done"),
    flag("send"),
)

# -- study feed -------------------------------------------------------------------------------------------------------

study_history = sa.Table(
    "study_history",
    metadata,
    id_(),
    number("study_id", index=True),
    sa.Column("at", Instant, nullable=False),
    text("event"),  # changed, gone, back
    json("prior"),  # field → what the PACS said before
)

pacs_feed = sa.Table(
    "pacs_feed",
    metadata,
    id_(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    text("kind"),  # dicom, qido, orthanc
    text("mode"),  # small: looked through at each poll; large: by windows and a sweep
    sa.Column("query_seconds", sa.Float, nullable=False, server_default="0"),  # how long the last list took
    number("change_position"),  # Orthanc's Seq
    sa.Column("change_at", Instant),
    text("change_error"),
    text("sweep_stage"),  # dated, undated; empty: none is under way
    text("sweep_upto"),  # ISO date: later days are done; empty: none is
    number("sweep_days"),
    number("sweep_seen"),
    number("sweep_details"),
    number("sweep_vanished"),
    text("sweep_error"),
    sa.Column("sweep_started", Instant),
    sa.Column("sweep_finished", Instant),  # the last one that came to its end
)

# -- everything looked at again ---------------------------------------------------------------------------------------

recheck = sa.Table(
    "recheck",
    metadata,
    id_(),
    text("reason"),
    sa.Column("started_at", Instant, nullable=False),
    text("stage"),  # orders, persons, studies
    number("position"),  # ids up to here are done at this stage
    number("done"),
    number("total"),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    flag("begun_anew"),  # another took its place before it was through
)
