"""The house that the tests of the console's pages share: a home is made once, and each test has a copy of it."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from gateway.worker.embedded import work
from tests.e2e import built
from tests.e2e.home import Home
from tests.e2e.world import World
from tests.web.console.house import House


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Home(tmp_path_factory.mktemp("made")).made().path


@pytest.fixture
def house(tmp_path: Path, made: Path) -> Iterator[House]:
    copytree(made, tmp_path / made.name)
    opened = House(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    return World(folder=tmp_path_factory.mktemp("world"), mail=mail).make()


@pytest.fixture
def busy(tmp_path: Path, world: World) -> Iterator[House]:
    """A house with a package whose every delivery waits for a person, since an order forbids transmission."""
    copytree(world.home, tmp_path / "home")
    opened = House(tmp_path)
    banned = built.package(world, restrictions=[{"kind": "transmission-ban"}])
    opened.gateway.submit.accept(banned, submitted_by="test")
    work(opened.gateway, until_idle=True, max_seconds=None)
    yield opened
    opened.close()
