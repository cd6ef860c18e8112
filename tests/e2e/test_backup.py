"""A home is backed up while it works, the machine is lost, and another one goes on: with nothing missing, and nothing
sent before a person has looked."""

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from gateway.backup import take
from gateway.backup.inventory import known_inventory
from gateway.backup.take import back_up
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, ServiceDown
from gateway.domain.reasons import Reason
from tests.e2e.world import VALID, World
from tests.keys.pki import Authority, Order, key_pem, pem, rsa_key
from tests.real import need
from tests.real.postfix import Postfix, running_postfix
from tests.real.postgresql import Postgresql

pytestmark = pytest.mark.real

WHY = ("--reason", "the machine burnt down")


@dataclass
class Kept:
    """A world, the folder of its backup, and a custodian's key and certificate as files."""

    world: World
    folder: Path
    key: Path
    certificate: Path

    @property
    def opener(self) -> tuple[str | Path, ...]:
        return ("--key", self.key, "--cert", self.certificate)

    @property
    def custodians(self) -> list[x509.Certificate]:
        return [x509.load_pem_x509_certificate(self.certificate.read_bytes())]

    def take(self) -> Any:
        return self.world.json("backup", self.folder, "--custodian", self.certificate)

    def lose(self) -> None:
        """The machine is gone, with all that was on it."""
        shutil.rmtree(self.world.home)
        shutil.rmtree(self.world.folder / "keys")


def custodian(folder: Path, name: str) -> tuple[Path, Path]:
    order = Order(name=name, uses=("key_encipherment",))
    order.not_before, order.not_after = VALID["not_before"], VALID["not_after"]
    key = rsa_key(name, 2048)
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(pem(Authority.root().issue(order, key)))
    private.write_bytes(key_pem(key))
    return private, certificate


def kept(folder: Path, postfix: Postfix, **more: Any) -> Kept:
    mail = {
        "host": "127.0.0.1",
        "port": postfix.port,
        "tls": "starttls",
        "ca": str(shutil.copy(postfix.ca, folder / "postfix-ca.pem")),
        "server_name": "mx.gw.test",
        "sender": "registry@gw.test",
    }
    world = World(folder=folder, mail=mail, **more).make()
    key, certificate = custodian(folder, "custodian")
    return Kept(world=world, folder=folder / "backup", key=key, certificate=certificate)


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with running_postfix() as running:
        yield running


def submitted(world: World) -> str:
    file = world.package(uuid.uuid4().hex)
    return str(world.json("submit", file)["dispatches"][0]["dispatch"])


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_after_the_loss_of_the_machine_another_goes_on_and_sends_nothing_before_a_person_looked(
    tmp_path: Path, postfix: Postfix, postgresql: Postgresql, engine: str
) -> None:
    more: dict[str, Any] = {}
    if engine == "postgresql":
        need.program("pg_dump", "postgresql-client")
        password = tmp_path / "password"
        password.write_text(postgresql.password)
        url = postgresql.url(postgresql.create(empty=True))
        more["database"] = {"--database": url, "--database-password-file": password}
    one = kept(tmp_path, postfix, **more)
    world = one.world
    sent = submitted(world)
    world.finish(sent)
    waiting = submitted(world)
    before = world.json("status", sent)
    assert one.take()["objects"] > 0
    assert {check["check"]: check["finding"] for check in world.json("doctor")["checks"]}["backup"] == "good"
    lost = submitted(world)

    one.lose()
    if engine == "postgresql":  # the lost machine's own database holds something still
        assert world.json("restore", one.folder, *one.opener, *WHY, expect=5)["code"] == "database.not-empty"
        assert not world.home.exists()
        world.variables = {"GATEWAY_DATABASE": postgresql.url(postgresql.create(empty=True))}
    answer = world.json("restore", one.folder, *one.opener, *WHY)
    assert "encrypted-email" in answer["paused"]

    assert {row["dispatch"] for row in world.json("dispatches")["dispatches"]} == {sent, waiting}
    assert world.json("status", sent) == before
    world.run("status", lost, expect=4)
    assert "holds" in world.run("evidence", "verify").stdout
    world.run("evidence", "export", sent, "--participant", "m1", "--sent-bytes", "-o", tmp_path / "evidence.zip")

    world.run("work", "--until-idle")
    assert all(row["attempts"] == [] for row in world.json("status", waiting)["deliveries"])
    paused = {row["channel"]: row["pause_reason"] for row in world.json("channels", "list")["channels"]}
    assert set(paused.values()) == {Reason.HOME_RESTORED.value}
    (pauses,) = [one for one in world.json("doctor", expect=6)["checks"] if one["check"] == "pauses"]
    assert "restored from a backup" in pauses["detail"]
    world.run("channels", "resume", "encrypted-email", "--reason", "The log of the mail server shows nothing since.")
    world.run("work", "--until-idle")
    assert {row["state"] for row in world.json("status", waiting)["deliveries"] if row["attempts"]} == {"handed-over"}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, postfix: Postfix) -> Kept:
    """A home with one decision sent, and its backup; tests work on copies of the backup."""
    one = kept(tmp_path_factory.mktemp("standing"), postfix)
    one.world.finish(submitted(one.world))
    one.take()
    return one


@dataclass
class Copy:
    """A copy of a backup, and where it is restored to."""

    of: Kept
    folder: Path
    home: Path

    def restore(self, *arguments: str | Path, expect: int = 0, **variables: str) -> Any:
        opener = arguments or self.of.opener
        elsewhere = {"GATEWAY_KEY_DIR": str(self.home.parent / "other-keys")}
        world = World(folder=self.home.parent, mail={}, variables=elsewhere | variables)
        (self.home.parent / "tmp").mkdir(exist_ok=True)
        return world.json("restore", self.folder, *opener, *WHY, expect=expect)


@pytest.fixture
def copy(standing: Kept, tmp_path: Path) -> Copy:
    shutil.copytree(standing.folder, tmp_path / "backup")
    return Copy(of=standing, folder=tmp_path / "backup", home=tmp_path / "home")


def test_a_custodian_needs_no_software_of_ours_to_get_at_settings_and_keys_nor_to_check_the_objects(
    copy: Copy, tmp_path: Path
) -> None:
    inventory = known_inventory(copy.folder)
    (home,) = inventory.homes
    opening = ("openssl", "cms", "-decrypt", "-inform", "DER", "-in", copy.folder / home.name, "-out", "home.tar")
    subprocess.run([*opening, "-recip", copy.of.certificate, "-inkey", copy.of.key], cwd=tmp_path, check=True)
    listed = subprocess.run(["tar", "-tf", "home.tar"], cwd=tmp_path, check=True, capture_output=True, text=True)
    names = listed.stdout.split()
    assert {"home/gateway.toml", "keys/gateway-ca.key", "keys/mail-signing.pem"} <= set(names)
    assert not any("gateway.db" in name or "vault" in name for name in names)
    checked = ["sha256sum", "--check", "--strict", "--quiet", inventory.sums.name]
    subprocess.run(checked, cwd=copy.folder, check=True)


def test_nobody_but_a_custodian_restores_and_no_secret_of_the_home_lies_open(copy: Copy, tmp_path: Path) -> None:
    key, certificate = custodian(tmp_path, "somebody-else")
    assert copy.restore("--key", key, "--cert", certificate, expect=3)["code"] == "message.not-for-key"
    assert not copy.home.exists()
    secret = (copy.of.world.folder / "keys" / "mail-signing.key").read_bytes()
    assert secret.startswith(b"-----BEGIN")
    for path in copy.folder.rglob("*"):
        assert path.is_dir() or (path.stat().st_mode & 0o077 == 0 and secret[30:90] not in path.read_bytes())


@pytest.mark.parametrize("what", ["database", "SHA256SUMS", "cms", "object", "missing object", "shorter list"])
def test_a_backup_that_is_not_what_it_was_is_refused_whole(copy: Copy, what: str) -> None:
    inventory = known_inventory(copy.folder)
    object_file = next(path for path in sorted((copy.folder / "objects").rglob("*")) if path.is_file())
    target = {
        "database": copy.folder / inventory.database.name,
        "SHA256SUMS": copy.folder / inventory.sums.name,
        "cms": copy.folder / inventory.homes[0].name,
        "shorter list": copy.folder / inventory.sums.name,
    }.get(what, object_file)
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content.split(b"\n", 1)[1] if what == "shorter list" else content)
    if what == "missing object":
        target.unlink()
    refused = copy.restore(expect=3)
    assert (refused["code"], refused["where"]) == ("backup.damaged", target.name)
    assert not copy.home.exists()


def test_what_is_no_backup_and_what_a_newer_version_took_is_said_to_be_so(copy: Copy) -> None:
    file = copy.folder / "inventory.json"
    good = file.read_text()
    file.write_text(good.replace('"revision":"', '"revision":"9'))
    assert copy.restore(expect=6)["code"] == "backup.newer"
    file.write_text(good.replace('"form":1', '"form":2'))
    assert copy.restore(expect=3)["code"] == "backup.unreadable"
    file.write_text("{")
    assert copy.restore(expect=3)["code"] == "backup.unreadable"
    file.unlink()
    assert copy.restore(expect=4)["code"] == "backup.unknown"
    assert not copy.home.exists()


def test_nothing_that_stands_is_ever_written_over(copy: Copy) -> None:
    copy.home.mkdir()
    (copy.home / "gateway.toml").write_text("# mine")
    assert copy.restore(expect=5)["code"] == "backup.home-stands"
    assert (copy.home / "gateway.toml").read_text() == "# mine"


def test_a_restore_that_is_refused_on_its_way_leaves_nothing_that_would_refuse_the_next(copy: Copy) -> None:
    no_folder = copy.home.parent / "no-folder"
    no_folder.write_text("")
    refused = copy.restore(expect=3, GATEWAY_KEY_DIR=str(no_folder / "keys"))
    assert (refused["code"], refused["where"]) == ("file.unwritable", str(no_folder / "keys"))
    assert not copy.home.exists()
    other = copy.restore(expect=6, GATEWAY_DATABASE="postgresql+psycopg://gateway@127.0.0.1:1/gateway")
    assert (other["code"], other["where"]) == ("settings.invalid", "gateway.database")
    assert not copy.home.exists()
    assert not copy.home.with_name("other-keys").exists()


def test_the_next_backup_into_the_folder_copies_what_is_new_and_one_that_breaks_off_leaves_the_last_whole(
    copy: Copy, standing: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, before = standing.world, known_inventory(copy.folder)
    submitted(world)
    arguments: Any = {"actor": "root", "now": before.taken_at.replace(year=before.taken_at.year + 1)}

    def fails(*_: object) -> None:
        raise ServiceDown(Code.STORAGE_FULL)

    with monkeypatch.context() as patched:
        patched.setattr(take, "_sums", fails)
        with pytest.raises(ServiceDown):
            back_up(world.home, copy.folder, standing.custodians, **arguments)
    assert known_inventory(copy.folder) == before
    copy.restore()

    new: list[None] = []
    after = back_up(world.home, copy.folder, standing.custodians, **arguments, tell=lambda: new.append(None))
    assert after.objects > before.objects
    assert new == [], "the one that broke off had copied them"
    kept_files = {path.name for path in copy.folder.iterdir() if path.is_file()}
    assert kept_files == {"inventory.json", *(member.name for member in after.members)}


def test_what_was_destroyed_in_its_time_goes_from_the_next_backup(copy: Copy, standing: Kept) -> None:
    stray = copy.folder / "objects" / "ab" / ("ab" * 16)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"destroyed since")
    before = known_inventory(copy.folder)
    back_up(standing.world.home, copy.folder, standing.custodians, actor="root", now=before.taken_at.replace(year=2030))
    assert not stray.exists()


def test_there_is_no_backup_that_nobody_can_open(copy: Copy, standing: Kept) -> None:
    before = known_inventory(copy.folder)
    with pytest.raises(InputRefused):
        back_up(standing.world.home, copy.folder, [], actor="root", now=before.taken_at)
    standing.world.run("backup", copy.folder, expect=2)
    assert known_inventory(copy.folder) == before
