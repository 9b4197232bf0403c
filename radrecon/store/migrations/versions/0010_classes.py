"""How a study stands to the orders, its several orders, and the accession numbers that its images also name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDING = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.add_column("study", sa.Column("match_class", sa.Text(), server_default="", nullable=False))
    op.add_column("study", sa.Column("follows", KEY, server_default="0", nullable=False))
    op.add_column("study", sa.Column("prior_of", KEY, server_default="0", nullable=False))
    op.create_index(op.f("ix_study_match_class"), "study", ["match_class"], unique=False)
    op.create_table(
        "study_request",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("study_id", KEY, server_default="0", nullable=False),
        sa.Column("accession_number", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_request")),
    )
    op.create_index(op.f("ix_study_request_study_id"), "study_request", ["study_id"], unique=False)
    op.create_index(op.f("ix_study_request_accession_number"), "study_request", ["accession_number"], unique=False)
    op.add_column("link", sa.Column("place", KEY, server_default="0", nullable=False))
    op.drop_index("uq_link_study", "link")
    op.create_index(
        "uq_link_place", "link", ["study_id", "place"], unique=True, sqlite_where=STANDING, postgresql_where=STANDING
    )
