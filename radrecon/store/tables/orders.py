"""Orders, their steps and keys, reports, appointments."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, Key, flag, id_, json, metadata, number, text

TOLD = sa.text("arrived <> '' OR ended <> ''")

imaging_order = sa.Table(
    "imaging_order",
    metadata,
    id_(),
    number("person_id", index=True),
    text("accession_number", index=True),
    text("issuer_of_accession"),
    text("placer_order_number", index=True),
    text("filler_order_number", index=True),
    text("requested_procedure_id"),
    text("requested_procedure_description"),
    text("study_instance_uid", index=True),
    text("priority"),
    text("patient_class"),
    text("status"),
    text("sender"),
    json("data"),
    sa.Column("received_at", Instant, nullable=False, index=True),
    number("message_id"),
    number("version"),
    text("arrived"),  # by the RIS's word, as in the data: read for many orders without it
    text("ended"),
    sa.Index("ix_imaging_order_told", "id", sqlite_where=TOLD, postgresql_where=TOLD),
)

step = sa.Table(
    "step",
    metadata,
    id_(),
    number("order_id", index=True),
    text("scheduled_procedure_step_id"),
    text("modality"),
    text("station_ae_title"),
    text("station_name"),
    text("start"),  # the site's wall clock, ISO
    text("status"),
    json("data"),
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
    id_(),
    number("order_id", index=True),
    text("accession_number", index=True),
    text("study_instance_uid", index=True),
    text("placer_order_number", index=True),
    text("filler_order_number", index=True),
    text("status"),
    number("number"),
    json("data"),
    sa.Column("received_at", Instant, nullable=False),
    number("message_id"),
)

appointment = sa.Table(
    "appointment",
    metadata,
    id_(),
    number("person_id", index=True),
    text("sender"),
    text("placer_appointment_id", index=True),
    text("filler_appointment_id", index=True),
    text("state"),  # booked, cancelled, no_show
    flag("pending"),  # none of its orders has been heard yet
    json("orders"),  # ids of the orders that it is for
    json("data"),
    sa.Column("updated_at", Instant, nullable=False),
    number("message_id"),
    sa.Index("ix_appointment_pending", "pending", "person_id"),
)
