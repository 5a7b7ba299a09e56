"""Run by Alembic: migrate inside the transaction that `byoaws.store.migrate` opened and locked."""

from alembic import context

from byoaws.store.schema import REVISION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=REVISION_TABLE,
    # SQLite alters few things in place; Alembic then copies the table.
    render_as_batch=True,
)
context.run_migrations()
