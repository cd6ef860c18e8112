"""Envelopes that others are told of or make: Canada Post's own service, and a print and mail vendor, by the command
line and the serving gateway alone. The post is a stand-in by its published pages; the vendor's server is OpenSSH's."""

import io
import json
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.digest import sha256
from keys import enveloped
from keys.cades import SigningKey
from keys.cms.reading import read_signed_data
from tests.channels.canada_post_stand_in import CONTRACT, CUSTOMER, SENDER, USER, StandIn, canada_post, password_file
from tests.e2e.test_mail import PARTICIPANTS
from tests.e2e.uploading import mail, table
from tests.e2e.world import TODAY, World
from tests.keys.pki import Authority, Order, key_pem, rsa_key
from tests.real import sshd
from tests.real.serving import serving

pytestmark = [pytest.mark.real, pytest.mark.slow]

PATIENCE = 60
OFFICE = 'return_to = { toronto = ["Registry", "1 Example Street", "Toronto ON  M5V 3L9"] }\n'


def _home(folder: Path, **courier: str) -> World:
    """Whose envelopes go by courier."""
    world = World(folder, mail()).make()
    values = {"carrier": "Canada Post", "cut_off": "23:59"} | courier
    settings = world.home / "gateway.toml"
    settings.write_text("\n".join([settings.read_text(), table("channels.courier", values) + OFFICE]))
    return world


def _by_courier(world: World, dispatch: str) -> dict[str, Any]:
    (one,) = (one for one in world.json("status", dispatch)["deliveries"] if one["channel"] == "courier")
    return dict(one)


def _gathered(world: World, count: int = 2) -> list[str]:
    """So many decisions, of each of which an envelope lies in the batch."""
    lying = _lying(world)
    names = [f"package-{lying}-{number}" for number in range(count)]
    packages = [world.package(one, division="IAD", participants=PARTICIPANTS) for one in names]
    dispatches = [str(one["dispatch"]) for one in world.json("submit", *packages)["dispatches"]]
    _until(lambda: _lying(world) == lying + count)
    return dispatches


def _lying(world: World) -> int:
    """How many envelopes wait for a manifest."""
    return sum(int(one["items"]) for one in world.json("manifest", "list")["waiting"])


def _until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end
        time.sleep(0.3)


@pytest.fixture(scope="module")
def post() -> Iterator[StandIn]:
    with canada_post() as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def served_by_post(post: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Courier envelopes are told to the post's own service."""
    world = _home(tmp_path_factory.mktemp("post"), contract_service="DOM.XP")
    account = {"url": post.url, "customer": CUSTOMER, "contract": CONTRACT, "username": USER}
    world.set("canada_post", **account, password_file="post.secret")
    sender = ", ".join(f"{name} = {json.dumps(value)}" for name, value in vars(SENDER).items())
    settings = world.home / "gateway.toml"
    settings.write_text(settings.read_text().replace("senders = {}", f"senders = {{ toronto = {{ {sender} }} }}"))
    password_file(world.home / "post.secret")
    with serving(world, world.folder / "serve.log"):
        yield world


def test_a_spoiled_envelope_is_left_out_and_the_post_is_told_of_the_rest(served_by_post: World, post: StandIn) -> None:
    world = served_by_post
    torn, kept_whole = _gathered(world)
    spoiled, kept = _by_courier(world, torn), _by_courier(world, kept_whole)
    codes = [one["attempts"][-1]["reference"] for one in (spoiled, kept)]
    close = ("manifest", "close", "--channel", "courier")
    assert world.json("manifest", "close", "--without", codes[0], expect=3)["where"] == "channel"
    assert world.json(*close, "--without", codes[0], expect=3)["where"] == "reason"
    assert world.json(*close, "--without", "0" * 24, "--reason", "torn", expect=4)["code"] == "manifest.code-unknown"
    done = world.json(*close, "--without", codes[0], "--reason", "torn in the printer", "--anew")
    (closing,) = done["closings"]
    assert closing["manifest"]["items"] == 1
    assert closing["set_aside"] == [{"delivery": spoiled["delivery"], "reason": "mail.unfit"}]
    number = closing["manifest"]["manifest"]

    _until(lambda: world.json("manifest", "show", number)["carrier_service"]["state"] == "confirmed")
    assert post.created == [codes[1]]
    assert post.transmitted == [number]
    assert "The carrier’s own service: its own manifest is there." in world.run("manifest", "show", number).stdout
    french = world.run("--lang", "fr", "manifest", "show", number).stdout
    assert "Le service du transporteur\u00a0: son propre manifeste est établi." in french
    out = world.folder / "out"
    out.mkdir()
    world.run("manifest", "show", number, "--output", out)
    assert {f"{number}-carrier-01.pdf", f"{number}-0001-label.pdf"} <= {one.name for one in out.iterdir()}

    _until(lambda: _lying(world) == 1)
    anew = _by_courier(world, torn)
    assert [one["result"] for one in anew["attempts"]] == ["not-sent", "gathered"]
    assert anew["attempts"][-1]["reference"] != codes[0]


def test_what_the_post_does_not_take_is_said_to_whoever_looks_at_the_manifest(
    served_by_post: World, post: StandIn
) -> None:
    world = served_by_post
    _gathered(world, 1)
    post.any_faults += ["throttled"] * 4  # before: a serving gateway tells of it at once
    number = world.json("manifest", "close")["closings"][0]["manifest"]["manifest"]
    _until(lambda: bool(world.json("manifest", "show", number)["carrier_service"]["reason"]))
    shown = world.run("manifest", "show", number).stdout
    assert "its envelopes are told one by one" in shown
    assert "carrier." in shown


@pytest.fixture
def vendor_key() -> SigningKey:
    order = Order(name="Print vendor", uses=("digital_signature", "key_encipherment"), not_before=TODAY)
    return Authority.root().signer(order, rsa_key("print", 2048))


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path / "sshd") as server:
        for name in ("batches", "answers"):
            (server.home / name).mkdir()
        yield server


def test_a_vendor_makes_what_was_closed_and_accounts_for_it(
    vendor: sshd.Sshd, vendor_key: SigningKey, tmp_path: Path
) -> None:
    world = _home(tmp_path)
    world.set("print_vendor", file="vendor.toml")
    (world.home / "vendor.pem").write_bytes(vendor_key.certificate.public_bytes(Encoding.PEM))
    account = {"host": "127.0.0.1", "port": vendor.port, "username": vendor.user, "key_file": str(vendor.client_key)}
    account |= {"host_keys": [vendor.host_key], "folder": "batches", "answers": "answers"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in account.items()]
    lines += ['certificate = "vendor.pem"', 'answers_signed_by = "vendor.pem"', 'channels = ["courier"]', ""]
    (world.home / "vendor.toml").write_text("\n".join(lines))
    with serving(world, tmp_path / "serve.log"):
        dispatches = _gathered(world)
        number = world.json("manifest", "close")["closings"][0]["manifest"]["manifest"]
        _until(lambda: world.json("manifest", "show", number)["print_vendor"] == "put")
        assert "The print and mail vendor: all is there" in world.run("manifest", "show", number).stdout
        files = _opened(vendor.home / "batches", number, vendor_key)
        assert {f"{number}.pdf", f"{number}-0001.pdf", f"{number}-0002.pdf"} <= set(files)

        first, second = world.json("manifest", "show", number)["items"]
        told = ["manifest,piece,event", f"{number},{first['piece']},printed", f"{number},{second['piece']},spoiled", ""]
        (vendor.home / "answers" / "1.p7m").write_bytes(_by_openssl("\n".join(told), vendor_key, tmp_path))
        assert world.json("receipts", "poll")["print_vendor"] == {"printed": 1, "spoiled": 1}
        assert "made 0" in world.run("receipts", "poll").stdout, "and not again"
        french = world.run("--lang", "fr", "manifest", "show", number).stdout
        assert "Le fournisseur d’impression et d’envoi\u00a0: il a rendu compte de chaque enveloppe." in french
        _until(lambda: _lying(world) == 1)
        stands = {one: len(_by_courier(world, one)["attempts"]) for one in dispatches}
        assert stands == {first["dispatch"]: 1, second["dispatch"]: 2}, "what was spoiled is made anew"


def _by_openssl(told: str, key: SigningKey, folder: Path) -> bytes:
    """Signed as the vendor's own program would."""
    (folder / "told.csv").write_text(told)
    (folder / "key.pem").write_bytes(key_pem(key.private_key))
    (folder / "vendor.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))
    command = ["openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-md", "sha256"]
    files = ["-in", folder / "told.csv", "-signer", folder / "vendor.pem", "-inkey", folder / "key.pem"]
    return subprocess.run([*command, *map(str, files)], check=True, capture_output=True).stdout


def _opened(folder: Path, number: str, key: SigningKey) -> dict[str, bytes]:
    """What the vendor finds in the volumes that the slip names."""
    found: dict[str, bytes] = {}
    for one in json.loads((folder / f"{number}-slip.json").read_text())["volumes"]:
        content = (folder / one["name"]).read_bytes()
        assert sha256(content) == one["digest"]
        signed = read_signed_data(enveloped.decrypt(content, key=key.private_key, certificate=key.certificate))
        with zipfile.ZipFile(io.BytesIO(signed.content or b"")) as archive:
            found |= {name: archive.read(name) for name in archive.namelist()}
    return found
