"""What modalities say they did: performed steps, the steps and series they name, and every message as it came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, KEY, server_default="0", nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _table(name: str, *parts: sa.schema.SchemaItem, index: tuple[str, ...] = ()) -> None:
    op.create_table(name, _id(), *parts, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")))
    for column in index:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column], unique=False)


def upgrade() -> None:
    _table(
        "performed_step",
        sa.Column("sop_instance_uid", sa.Text(), nullable=False),
        _text("status"),
        _flag("wrong_worklist_entry"),
        _flag("given_up"),
        _text("performed_procedure_step_id"),
        _text("modality"),
        _text("station_ae_title"),
        _text("station_name"),
        _text("started"),
        _text("ended"),
        _text("patient_id"),
        _text("issuer_of_patient_id"),
        _text("patient_normal"),
        _text("patient_name"),
        _text("patient_birth_date"),
        _text("patient_sex"),
        _number("person_id"),
        _text("peer_ae_title"),
        _text("address"),
        _number("series"),
        _number("instances"),
        _json("data"),
        _instant("created_at"),
        _instant("updated_at"),
        _number("version"),
        sa.UniqueConstraint("sop_instance_uid", name=op.f("uq_performed_step_sop_instance_uid")),
        index=("patient_normal", "person_id", "created_at"),
    )
    _table(
        "performed_reference",
        _number("performed_id"),
        _text("study_instance_uid"),
        _text("accession_number"),
        _text("scheduled_procedure_step_id"),
        _text("placement"),
        _number("order_id"),
        _number("step_id"),
        _json("data"),
        index=("performed_id", "study_instance_uid", "accession_number", "order_id"),
    )
    _series()
    _table(
        "performed_message",
        _instant("at"),
        _text("operation"),
        _text("sop_instance_uid"),
        _number("performed_id"),
        _text("peer_ae_title"),
        _text("address"),
        _text("transfer_syntax"),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        _text("state"),
        _text("performed_status"),
        _text("reason"),
        index=("sop_instance_uid", "performed_id"),
    )
    op.add_column("study", _flag("wrong_worklist_entry"))


def _series() -> None:
    op.create_table(
        "performed_series",
        sa.Column("performed_id", KEY, autoincrement=False, nullable=False),
        sa.Column("series_instance_uid", sa.Text(), nullable=False),
        _text("protocol_name"),
        _text("description"),
        _number("images"),
        _number("others"),
        sa.PrimaryKeyConstraint("performed_id", "series_instance_uid", name=op.f("pk_performed_series")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_performed_series_series_instance_uid"), "performed_series", ["series_instance_uid"])
