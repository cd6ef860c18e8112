"""What Alembic runs: the migrations, on the connection it was handed and inside that connection's transaction."""

from alembic import context

from gateway.store.tables.every import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter a column in place; Alembic then copies the table.
    render_as_batch=True,
    # All or nothing: the caller's transaction is begun by ourselves, so SQLite rolls tables back as well as rows.
    transactional_ddl=True,
)

with context.begin_transaction():
    context.run_migrations()
