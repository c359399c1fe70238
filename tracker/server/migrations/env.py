"""Runs the migrations on the connection that the server, or Alembic's own command line, hands over."""

from alembic import context
from sqlalchemy import create_engine

from tracker.server.tables import metadata


def run() -> None:
    """Migrate within one transaction, in batches where SQLite cannot alter a table."""
    connection = context.config.attributes.get("connection")
    if connection is None:  # a developer who asks Alembic for a new step
        connection = create_engine(context.config.get_main_option("sqlalchemy.url") or "").connect()
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run()
