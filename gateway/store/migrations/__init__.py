"""Alembic's environment and revisions; they travel in the wheel and run through `gateway.store.engine.upgrade`."""
