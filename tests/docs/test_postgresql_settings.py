"""What the runbook says of PostgreSQL, a real one takes as it stands there, in both languages alike."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.real import need
from tests.real.postgresql import Postgresql

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("operations.md", "fr/exploitation.md")
MUST_STAY = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}

pytestmark = pytest.mark.real


def blocks(page: str) -> tuple[dict[str, str], list[str]]:
    """The lines for the server's file, by name, and the statements."""
    text = (DOCS / page).read_text()
    (section,) = re.findall(r"^## PostgreSQL\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    lines = dict(re.findall(r"^    (\w+) = (\S+)$", section, re.MULTILINE))
    return lines, re.findall(r"^    (ALTER TABLE .*;)$", section, re.MULTILINE)


def test_both_pages_say_the_same_and_keep_what_makes_a_commit_last() -> None:
    english, french = map(blocks, PAGES)
    assert english == french
    assert MUST_STAY.items() <= english[0].items()


def test_the_server_takes_the_lines_as_they_stand(postgresql: Postgresql) -> None:
    """The program itself reads them, with all that it comes with, and says which value it would work with."""
    lines, _ = blocks(PAGES[0])
    data = postgresql.folder / "data"
    file = postgresql.folder / "as-documented.conf"
    file.write_text((data / "postgresql.conf").read_text() + "".join(f"{one} = {lines[one]}\n" for one in lines))
    shutil.chown(file, data.owner(), data.group())
    with postgresql.superuser() as connection:
        rows = connection.execute("SELECT name, coalesce(unit, '') FROM pg_settings").fetchall()
    units = {str(name): str(unit) for name, unit in rows}
    for name, value in lines.items():
        command = [need.program("postgres", "postgresql"), "-D", str(data), "-c", f"config_file={file}", "-C", name]
        done = subprocess.run(command, capture_output=True, text=True, user=data.owner(), check=False)
        assert done.returncode == 0, done.stderr
        would_be = done.stdout.strip()
        assert would_be == ("pglz" if name == "wal_compression" else value) or (
            int(would_be) * UNITS[units[name]] == plain(value)
        ), name


UNITS = {"kB": 2**10, "8kB": 2**13, "MB": 2**20, "GB": 2**30, "s": 1, "min": 60}


def plain(value: str) -> int:
    """In bytes or seconds."""
    found = re.fullmatch(r"(\d+)(\w+)", value)
    assert found is not None, value
    number, unit = found.groups()
    return int(number) * UNITS[unit]


def test_the_database_takes_the_statements_as_they_stand(postgresql: Postgresql) -> None:
    _, statements = blocks(PAGES[0])
    assert statements
    name = postgresql.create()
    with postgresql.superuser(name) as connection:
        for one in statements:
            connection.execute(one)
        query = (
            "SELECT relname FROM pg_class WHERE array_to_string(reloptions, ' ') LIKE '%autovacuum_vacuum_threshold%'"
        )
        changed = {str(row[0]) for row in connection.execute(query)}
    postgresql.drop(name)
    assert changed == {one.split()[2] for one in statements}
