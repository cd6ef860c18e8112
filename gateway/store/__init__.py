"""SQLAlchemy tables and stores, migrations, and the object store."""
