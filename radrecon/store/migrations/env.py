"""Alembic's entrance: migrate in one transaction on the store's own writer connection."""

from __future__ import annotations

from alembic import context

from radrecon.store.database import Store
from radrecon.store.tables import metadata


def main() -> None:
    store: Store = context.config.attributes["store"]
    with store.transaction() as conn:
        if not conn.in_transaction():
            conn.begin()  # Core joins what has begun on the driver; else Alembic would commit it
        context.configure(connection=conn, target_metadata=metadata, render_as_batch=store.is_sqlite)
        context.run_migrations()


main()
