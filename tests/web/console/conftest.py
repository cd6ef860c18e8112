"""The house that the tests of the console's pages share: a home is made once, and each test has a copy of it."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from gateway.worker.embedded import work
from tests.e2e import built
from tests.e2e.home import Home
from tests.e2e.world import World
from tests.web.console.feeding import Told, feeding
from tests.web.console.house import NAMED, House


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Home(tmp_path_factory.mktemp("made")).made().path


@pytest.fixture
def house(tmp_path: Path, made: Path) -> Iterator[House]:
    copytree(made, tmp_path / made.name)
    opened = House(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def named(tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The same with an address that passkeys can be bound to."""
    copytree(made, tmp_path / made.name)
    monkeypatch.setenv("GATEWAY_CONSOLE__URL", NAMED)
    opened = House(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    return World(folder=tmp_path_factory.mktemp("world"), mail=mail).make()


BY_MAIL = """
[channels.registered-mail]
carrier = "Canada Post"
return_to = { toronto = ["Immigration and Refugee Board", "1 Example Street", "Toronto ON  M5V 3L9"] }
cut_off = "23:59"
ranges = ["RN 47312481-47312489 CA"]
"""
POSTAL = {
    "lines": ["10-123 rue Principale"],
    "municipality": "Montréal",
    "province": "QC",
    "postal_code": "H3Z 2Y7",
    "country": "CA",
}
PARTICIPANTS = [
    {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta", "language": "en"},
    {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "name": "Zoé Conseil", "contact": {"postal": POSTAL}},
    {"id": "a1", "roles": ["appellant"], "represents": ["p1"], "contact": {"postal": POSTAL}},
]


@pytest.fixture(scope="session")
def gathered(tmp_path_factory: pytest.TempPathFactory, world: World) -> Path:
    """The folder of a home in which registered mail lies ready for its carrier."""
    folder = tmp_path_factory.mktemp("gathered")
    copytree(world.home, folder / "home")
    settings = folder / "home" / "gateway.toml"
    settings.write_text(settings.read_text() + BY_MAIL)
    opened = House(folder)
    for _ in range(2):
        package = built.package(world, division="IAD", participants=PARTICIPANTS)
        opened.gateway.submit.accept(package, submitted_by="test")
    work(opened.gateway, until_idle=True, max_seconds=None)
    opened.close()
    return folder / "home"


@pytest.fixture
def post(tmp_path: Path, gathered: Path) -> Iterator[House]:
    """A house of its own with that mail."""
    copytree(gathered, tmp_path / "home")
    opened = House(tmp_path)
    yield opened
    opened.close()


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


@pytest.fixture
def told(tmp_path: Path, world: World) -> Iterator[Told]:
    """A house with a feed, and one outcome that was told."""
    with feeding(tmp_path, world) as stands:
        yield stands
