"""Runs migrations on the connection that :mod:`bridge.migrations` hands over."""

from __future__ import annotations

from alembic import context

from appservice.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter most of a table in place.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
