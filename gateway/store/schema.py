"""The shape of the database, and whether it is the one this release knows. Migrations go forward only."""

from pathlib import Path

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.store import locking

REVISION = "0048"
"""The newest revision in `migrations/versions`. Written here so that a start need not load Alembic."""

MIGRATIONS = Path(__file__).parent / "migrations"


def check(connection: sa.Connection) -> None:
    """Raises SetupWrong (home.upgrade-needed) when the database is at another revision, or at none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        raise SetupWrong(Code.HOME_UPGRADE_NEEDED, have="", need=REVISION)
    have = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if have != REVISION:
        raise SetupWrong(Code.HOME_UPGRADE_NEEDED, have=str(have), need=REVISION)


def upgrade(connection: sa.Connection) -> None:
    """Runs the migrations that are missing, in the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    locking.alone(connection)
    command.upgrade(config, "head")
