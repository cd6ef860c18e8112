"""The shape of the database, and whether this release can work on it. Migrations go forward only (ADR 56)."""

from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.store import locking
from gateway.store.tables.floor import schema_floor

REVISION = "0059"
"""The newest revision in `migrations/versions`. Written here so that a start need not load Alembic."""

MIGRATIONS = Path(__file__).parent / "migrations"


def check(connection: sa.Connection) -> None:
    """Raises SetupWrong (home.upgrade-needed) when the database is at an older revision, at none, or at a newer one
    that says that this release cannot work on it."""
    have = _revision(connection)
    if have < REVISION:
        raise SetupWrong(Code.HOME_UPGRADE_NEEDED, have=have, need=REVISION)
    if have > REVISION:
        _check_floor(connection, have)


def _revision(connection: sa.Connection) -> str:
    """Empty where there is none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or "")


def _check_floor(connection: sa.Connection, have: str) -> None:
    """Whether all that came since has only widened the shape. Raises SetupWrong (home.upgrade-needed)."""
    known = sa.inspect(connection).has_table(schema_floor.name)
    if not known or str(connection.scalar(sa.select(schema_floor.c.revision))) > REVISION:
        raise SetupWrong(Code.HOME_UPGRADE_NEEDED, have=have, need=REVISION)


class Shape(StrEnum):
    """What became of the database's shape."""

    AS_IT_WAS = "as-it-was"
    NEW = "new"


def upgrade(connection: sa.Connection) -> Shape:
    """Runs the migrations that are missing, in the caller's transaction; of a newer release none is.

    Raises SetupWrong (home.upgrade-needed) where this release cannot work on what a newer one made."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    locking.alone(connection)
    if (have := _revision(connection)) > REVISION:
        _check_floor(connection, have)
        return Shape.AS_IT_WAS
    command.upgrade(config, "head")
    return Shape.AS_IT_WAS if have == REVISION else Shape.NEW
