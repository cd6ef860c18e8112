"""Nothing of a case is found at rest: not in the database's pages or WAL, nor in objects, logs or temporary files."""

import base64
import os
import secrets
import signal
import subprocess
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.lately import SIGNED_AT
from tests.e2e.world import World
from tests.real.postfix import running_postfix
from tests.real.serving import serving, submit_over_http

pytestmark = [pytest.mark.real, pytest.mark.slow]

LEAST_COMPRESSED = 40
"""Bytes below which a deflate stream could hold no canary."""


def word() -> str:
    """An unguessable word that no other file of this machine holds."""
    return "Zq" + secrets.token_hex(6)


class Canaries:
    """Unguessable texts where a case holds personal data: names, UCIs, addresses, sentences of the reasons."""

    def __init__(self) -> None:
        self.names = [word() for _ in range(14)]
        self.membership = word().upper()
        self.ucis = [f"{secrets.randbelow(90) + 10}-{secrets.randbelow(9000) + 1000}-{secrets.randbelow(9000) + 1000}"]
        self.addresses = [f"{secrets.randbelow(90000) + 10000} {word()} Street" for _ in range(4)]
        self.sentences = [f"The panel finds that {word()} told {word()} the truth." for _ in range(30)]

    def all(self) -> list[str]:
        """All of them."""
        return [*self.names, self.membership, *self.ucis, *self.addresses, *self.sentences]

    def decision(self) -> dict[str, object]:
        """Changes to a decision that put each where such data stand."""
        names = iter(self.names)
        person = {
            "id": "p1",
            "given_name": next(names),
            "family_name": next(names),
            "uci": self.ucis[0],
            "outcome": {"code": "rejected"},
            "recourse": {"forum": "RAD"},
        }
        postal = {"lines": self.addresses, "municipality": next(names), "country": "CA"}
        participants = [
            {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta", "attention": next(names)},
            {
                "id": "c1",
                "roles": ["counsel"],
                "represents": ["p1"],
                "recipient": "counsel-12345p",
                "name": next(names),
                "organization": next(names),
                "membership": {"body": "LSO", "number": self.membership},
            },
            {
                "id": "a1",
                "roles": ["claimant"],
                "represents": ["p1"],
                "name": next(names),
                "organization": next(names),
                "contact": {"postal": postal, "email": f"{next(names)}@{next(names)}.example"},
            },
        ]
        decision = {
            "form": "written",
            "signed_at": SIGNED_AT,
            "language": "en",
            "members": [{"name": next(names)}],
            "reasons": "with-notice",
            "heard": [{"date": "2026-10-02", "mode": "in-person", "place": next(names)}],
        }
        documents = [
            {
                "path": f"documents/{next(names)} {next(names)}.pdf",
                "kind": "reasons",
                "language": "en",
                "media_type": "application/pdf",
            }
        ]
        return {"persons": [person], "participants": participants, "decision": decision, "documents": documents}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_postfix() as postfix:
        mail = {
            "host": "127.0.0.1",
            "port": postfix.port,
            "tls": "starttls",
            "ca": str(postfix.ca),
            "server_name": "mx.gw.test",
            "sender": "registry@gw.test",
        }
        yield World(folder=tmp_path, mail=mail).make()


def package(world: World, canaries: Canaries) -> Path:
    changes = canaries.decision()
    decision = world.decision(world.folder / "sources", **changes)
    for path in (decision.parent / "documents").glob("*.md"):
        path.write_text("# Reasons\n\n" + "\n\n".join(canaries.sentences))
    output = world.folder / "package.asice"
    world.json(
        *("package", "build", decision, "--documents", decision.parent / "documents"),
        *("--key", world.signer_key, "--cert", world.signer_cert, "-o", output),
    )
    return output


def forms(canary: str) -> Iterator[bytes]:
    """The canary as it might lie somewhere: raw, UTF-16, and base64 at each of its three alignments."""
    raw = canary.encode()
    yield raw
    yield canary.encode("utf-16-le")
    yield canary.encode("utf-16-be")
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4 if shift else 0 : -4]


def inflated(content: bytes) -> Iterator[bytes]:
    """Whatever in the content is a zlib stream, or a deflate stream in a ZIP member, inflated."""
    for header in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        start = content.find(header)
        while start != -1:
            yield from _inflate(content[start:], zlib.MAX_WBITS)
            start = content.find(header, start + 1)
    start = content.find(b"PK\x03\x04")
    while start != -1:
        names = int.from_bytes(content[start + 26 : start + 28], "little")
        extra = int.from_bytes(content[start + 28 : start + 30], "little")
        yield from _inflate(content[start + 30 + names + extra :], -zlib.MAX_WBITS)
        start = content.find(b"PK\x03\x04", start + 1)


def _inflate(content: bytes, bits: int) -> Iterator[bytes]:
    try:
        found = zlib.decompressobj(bits).decompress(content, 10_000_000)
    except zlib.error:
        return
    if len(found) >= LEAST_COMPRESSED:
        yield found


def found_in(folder: Path, canaries: list[str]) -> list[tuple[str, str]]:
    """Every file under the folder in which a canary lies, in whatever form."""
    wanted = [(canary, tuple(forms(canary))) for canary in canaries]
    hits = []
    for path in (path for path in sorted(folder.rglob("*")) if path.is_file()):
        content = path.read_bytes()
        for layer in (content, *inflated(content)):
            hits += [(path.name, canary) for canary, shapes in wanted if any(shape in layer for shape in shapes)]
        hits += [(path.name, canary) for canary in canaries if canary in path.name]
    return hits


def test_the_search_itself_finds_a_canary_in_every_form_it_knows(tmp_path: Path) -> None:
    canary = Canaries().sentences[0]
    for number, content in enumerate(
        (
            canary.encode(),
            canary.encode("utf-16-le"),
            base64.b64encode(b"ab" + canary.encode() + b"xyz"),
            b"junk" + zlib.compress(canary.encode() * 3),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "file").write_bytes(content)
        assert found_in(folder, [canary]), f"form {number}"


def test_fifty_canaries_of_a_case_are_found_nowhere_at_rest(world: World) -> None:
    canaries = Canaries()
    made = package(world, canaries)
    log = world.folder / "logs"
    log.mkdir()
    with serving(world, log / "serve.log") as server:
        dispatch = submit_over_http(server, made)
        _until_handed_over(world, dispatch)
        problem = made.read_bytes()[:-30]
        assert server.post(problem).status_code == 422
        os.kill(server.process.pid, signal.SIGKILL)  # so that WAL and temporary files stay as they lay
        server.process.wait()
    assert (world.home / "gateway.db").exists()
    assert len(canaries.all()) == 50
    for place in (world.home, log, world.folder / "tmp"):
        assert found_in(place, canaries.all()) == []


def _until_handed_over(world: World, dispatch: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        states = [one["state"] for one in world.json("status", dispatch)["deliveries"]]
        if states.count("handed-over") == 2:
            return
        time.sleep(0.3)
    raise AssertionError(f"still {states}")


def test_nothing_of_a_case_is_in_the_words_of_a_crash(world: World) -> None:
    """A process that dies on a broken store names type and place, never content."""
    canaries = Canaries()
    dispatch = world.json("submit", package(world, canaries))["dispatches"][0]["dispatch"]
    for path in (world.home / "vault").rglob("*"):
        if path.is_file():
            content = bytearray(path.read_bytes())
            content[-1] ^= 1
            path.write_bytes(bytes(content))
    done = subprocess.run(
        world.command("work"), capture_output=True, text=True, check=False, env=world.environment(), timeout=60
    )
    said = done.stdout + done.stderr
    assert "seal.broken" in said
    assert [canary for canary in canaries.all() if canary in said] == []
    assert world.json("status", dispatch)["state"] == "in-progress"
