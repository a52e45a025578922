"""Alembic migrations of the review store; run by ``hybrid_ner.review.store.database.migrate``."""
