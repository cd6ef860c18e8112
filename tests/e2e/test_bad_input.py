"""Bad input, by the command line and by the API: a stable code, the exact place, nothing half-stored, and the process
takes a good package afterwards. One home is served over the whole table."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from tests.e2e import built
from tests.e2e.hostile import LIMIT, UNPACKED, Attacker, Rows
from tests.e2e.world import World
from tests.real.serving import Server, serving

pytestmark = pytest.mark.real

SETTINGS = f'package = "{LIMIT}B"\nunpacked = "{UNPACKED}B"'


@dataclass(frozen=True)
class Siege:
    """A served home, and what is thrown at it."""

    world: World
    server: Server
    rows: Rows

    def kept(self) -> tuple[frozenset[Path], dict[str, int]]:
        """What is stored: the vault's files, and the rows of each table."""
        with sqlite3.connect(self.world.home / "gateway.db") as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            counts = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}
        database.close()
        return frozenset(path for path in (self.world.home / "vault").rglob("*") if path.is_file()), counts


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    mail = {"host": "127.0.0.1", "port": 9, "tls": "none", "sender": "registry@gw.test"}
    world = World(folder=tmp_path_factory.mktemp("siege"), mail=mail, settings=SETTINGS).make()
    attacker = Attacker(world)
    attacker.prepare()
    with serving(world, world.folder / "serve.log") as server:
        yield Siege(world=world, server=server, rows=attacker.rows())


NAMES = [
    *("altered document", "altered decision", "missing document", "missing decision", "missing manifest"),
    *("duplicate member", "extra documents/extra.pdf", "extra META-INF/extra.xml", "extra Documents/REASONS.md"),
    *("unsafe '../evil'", "unsafe 'documents/../../evil'", "unsafe '/etc/passwd'", "unsafe 'C:evil'"),
    *("unsafe 'documents/%2e%2e/evil'", "unsafe 'a/\\u202eb'", "symbolic link"),
    *("nothing", "a PDF", "cut off", "prepended", "no mimetype", "ten thousand members"),
    *("a bomb that says so", "a bomb that lies", "a signed bomb that lies", "out of proportion"),
    *("unpacked too large", "larger than the limit"),
    *("wrong digest algorithm", "XML entities", "an outside entity", "deep XML", "no XML"),
    *("no signature", "no signer", "two signers", "garbage for a signature", "a signature of something else"),
    *("signed tomorrow", "unknown signer", "expired signer", "revoked signer", "signer of another division"),
    *("no JSON", "not UTF-8", "deep JSON", "deep JSON inside", "huge JSON", "a number without end"),
    *("unknown field", "unknown field inside", "a field twice", "unknown code", "no such office"),
    *("outcome of another division", "a document that is not there", "an id that leads nowhere"),
    *("a control character", "a document that nobody names"),
]


def test_the_table_is_the_one_that_is_tried(siege: Siege) -> None:
    assert sorted(siege.rows) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_api_refuses_it_with_code_and_place_and_keeps_nothing(siege: Siege, name: str) -> None:
    bad, before = siege.rows[name], siege.kept()
    answer = siege.server.post(bad.raw)
    document = answer.json()
    assert (answer.status_code, document["status"]) == (422, 422), answer.text
    assert (document["code"], document.get("where")) == (bad.code, bad.where)
    assert answer.headers["content-type"] == "application/problem+json"
    assert siege.kept() == before
    assert siege.server.process.poll() is None


def test_the_command_line_refuses_the_whole_table_in_one_call_with_the_same_words(siege: Siege, tmp_path: Path) -> None:
    before = siege.kept()
    files = {name: tmp_path / f"{number}.asice" for number, name in enumerate(NAMES)}
    for name, file in files.items():
        file.write_bytes(siege.rows[name].raw)
    answer = siege.world.json("submit", *files.values(), expect=3)
    said = {one["file"]: (one["code"], one.get("where"), one["status"]) for one in answer["refused"]}
    assert said == {str(file): (siege.rows[name].code, siege.rows[name].where, 422) for name, file in files.items()}
    assert answer["dispatches"] == []
    assert siege.kept() == before


@pytest.mark.parametrize("name", ["altered document", "ten thousand members", "deep JSON", "two signers", "nothing"])
def test_one_bad_file_exits_with_3_and_its_problem_document_alone(siege: Siege, tmp_path: Path, name: str) -> None:
    file, bad = tmp_path / "bad.asice", siege.rows[name]
    file.write_bytes(bad.raw)
    document = siege.world.json("submit", file, expect=3)
    assert (document["code"], document.get("where"), document["status"]) == (bad.code, bad.where, 422)


def test_after_all_that_a_good_package_is_taken_once_and_a_conflicting_one_never(siege: Siege, tmp_path: Path) -> None:
    """Runs last in this file: the same server, still the same process, after the whole table."""
    good = built.package(siege.world)
    first, again = siege.server.post(good), siege.server.post(good)
    assert (first.status_code, again.status_code) == (202, 200)
    file = tmp_path / "good.asice"
    file.write_bytes(good)
    (taken,) = siege.world.json("submit", file)["dispatches"]
    assert (taken["dispatch"], taken["repeat"]) == (first.json()["dispatch"], True)

    file.write_bytes(built.package(siege.world, package_id=first.json()["package_id"], office="calgary"))
    conflict = siege.server.post(file.read_bytes())
    assert (conflict.status_code, conflict.json()["code"]) == (409, Code.PACKAGE_CONFLICT)
    document = siege.world.json("submit", file, expect=5)
    assert (document["code"], document["where"]) == (Code.PACKAGE_CONFLICT, "$.package_id")
    assert len(siege.world.json("dispatches")["dispatches"]) == 1


def test_the_log_of_the_siege_holds_nothing_that_was_sent(siege: Siege) -> None:
    log = (siege.world.folder / "serve.log").read_text()
    said = ["Exemple", "Alex", "TC6-12345", "reasons", "evil", "passwd", "surprise", "nickname", "atlantis", "lol"]
    assert [word for word in said if word in log] == []
    assert "Traceback" not in log
    for line in log.splitlines():
        assert set(json.loads(line)) <= {"event", "level", "timestamp", "logger", "cause", "place", "step", "loop"}
