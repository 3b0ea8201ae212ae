"""What Alembic runs; the connection, and the transaction around it, are `migrate`'s."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=context.config.attributes["schema"],
)
context.run_migrations()
