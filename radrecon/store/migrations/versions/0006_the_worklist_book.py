"""What changes a worklist answer is noted by triggers, whoever changes it.

A new step needs no note: steps are never deleted, so that their ids rise. An order that is heard for the first time
costs nothing, and one that is heard again only where it says something new. Identifiers are deleted, and SQLite gives
the highest id again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ORDER = ("person_id", "study_instance_uid", "status", "data")
STEP = ("order_id", "status", "start", "modality", "station_ae_title", "station_name", "data")
PERSON = ("patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex", "quarantined")
IDENTIFIER = ("person_id", "value", "issuer")
UPDATES = (
    ("imaging_order", ORDER, "NEW.id, 0"),
    ("step", STEP, "NEW.order_id, 0"),
    ("step", ("order_id",), "OLD.order_id, 0"),
    ("person", PERSON, "0, NEW.id"),
    ("identifier", IDENTIFIER, "0, NEW.person_id"),
    ("identifier", ("person_id",), "0, OLD.person_id"),
)


def upgrade() -> None:
    op.create_table(
        "worklist_change",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("order_id", KEY, server_default="0", nullable=False),
        sa.Column("person_id", KEY, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worklist_change")),
    )
    for number, (table, columns, noted) in enumerate(UPDATES, 1):
        _trigger(f"worklist_{table}_{number}", f"UPDATE OF {', '.join(columns)}", table, noted, _differs(columns))
    _trigger("worklist_identifier_new", "INSERT", "identifier", "0, NEW.person_id")
    _trigger("worklist_identifier_gone", "DELETE", "identifier", "0, OLD.person_id")


def _differs(columns: tuple[str, ...]) -> str:
    """JSON is compared as text: PostgreSQL has no equality for it."""
    written = [f"CAST({{0}}.{name} AS TEXT)" if name == "data" else f"{{0}}.{name}" for name in columns]
    return " OR ".join(f"{one.format('OLD')} {_unlike()} {one.format('NEW')}" for one in written)


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _unlike() -> str:
    return "IS DISTINCT FROM" if _is_postgres() else "IS NOT"


def _trigger(name: str, event: str, table: str, noted: str, where: str = "") -> None:
    note = f"INSERT INTO worklist_change (order_id, person_id) VALUES ({noted});"
    when = f"WHEN ({where}) " if where else ""
    if _is_postgres():
        op.execute(
            f"CREATE FUNCTION radrecon_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {note} RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when}EXECUTE FUNCTION radrecon_{name}()"
        )
    else:
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when}BEGIN {note} END")
