"""Run migrations on the connection that ``migrate`` hands over."""

from alembic import context

from hybrid_ner.review.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
