"""SQLite databases for tests, migrated once in each process and copied from then on: half a hundred migrations take
longer than most tests. What the migrations do is tested in `tests/store`."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from gateway.store import engine
from gateway.store.engines import Server
from gateway.store.schema import Shape


def database_in(folder: Path) -> str:
    """An empty database `gateway.db` in the folder, of the shape this release knows; its URL."""
    url = f"sqlite:///{folder / 'gateway.db'}"
    upgrade(url)
    return url


def upgrade(url: str, server: Server = Server()) -> Shape:  # noqa: B008  (frozen)
    """As `gateway.store.engine.upgrade`: a file that is not there yet is copied instead of migrated."""
    place = make_url(url)
    path = Path(place.database or "")
    if place.get_backend_name() != "sqlite" or path.exists():
        return engine.upgrade(url, server)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_empty())
    return Shape.NEW


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.db"
        engine.upgrade(f"sqlite:///{path}")
        assert [one.name for one in path.parent.iterdir()] == [path.name], "what was written lies beside the file"
        return path.read_bytes()
