"""What should come and has not: what orders, persons and studies still wait for, and what is usual where."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.store.tables.base import Instant, flag, id_, json, metadata, number, text

expectation = sa.Table(
    "expectation",
    metadata,
    id_(),
    text("kind"),  # of the case that it becomes
    text("subject"),  # order:17, person:5, study:3: what waits
    text("case_subject"),  # several that wait may be one case
    text("place"),  # station, sender, authority: what many would have in common
    number("pace"),  # which of the kind's graces counts
    sa.Column("since", Instant, nullable=False),
    json("finding"),
    text("digest"),
    sa.UniqueConstraint("kind", "subject", name="uq_expectation_kind"),
    sa.Index("ix_expectation_place", "kind", "place", "since"),
    sa.Index("ix_expectation_case", "kind", "case_subject"),
)

practice = sa.Table(
    "practice",
    metadata,
    id_(),
    text("what"),  # images, reports, registration
    text("place"),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    flag("usual"),
    sa.UniqueConstraint("what", "place", name="uq_practice_what"),
)
