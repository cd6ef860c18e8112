"""A decision to a recipient's own OpenSSH server, through a home that serves: killed in the middle, and back again."""

import os
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.channels.sftp_samples import ACCOUNT, exchanges_file
from tests.e2e.uploading import PARTICIPANTS, counsels, mail, uploads_to
from tests.e2e.world import World
from tests.real import need, sshd
from tests.real.serving import serving, submit_over_http

pytestmark = [pytest.mark.real, pytest.mark.slow]

SIDE = 1600
"""Of a picture of noise: some 5 MB that nothing can press."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path / "sshd") as running:
        for name in ("inbox", "receipts"):
            (running.home / name).mkdir()
        yield running


@pytest.fixture
def world(server: sshd.Sshd, tmp_path: Path) -> World:
    (tmp_path / "world").mkdir()
    made = World(tmp_path / "world", mail()).make()
    return uploads_to(made, exchanges_file(server), kind="sftp", account=ACCOUNT)


def large_package(world: World) -> Path:
    """With reasons as a PDF of that size."""
    decision = world.decision(
        world.folder / "sources", participants=PARTICIPANTS, minister={"party": False, "interventions": []}
    )
    documents = decision.parent / "documents"
    text = decision.read_text().replace("reasons.md", "reasons.pdf").replace("text/markdown", "application/pdf")
    decision.write_text(text)
    noise = Image.frombytes("RGB", (SIDE, SIDE), os.urandom(SIDE * SIDE * 3))
    noise.save(documents / "reasons.pdf", "PDF", quality=95)
    (documents / "reasons.md").unlink()
    output = world.folder / "large.asice"
    signed = ("--key", world.signer_key, "--cert", world.signer_cert, "-o", output)
    world.json("package", "build", decision, "--documents", documents, *signed)
    return output


def begun(inbox: Path) -> Path:
    """What is being uploaded, once a part of it lies there."""
    ends = time.monotonic() + 60
    while True:
        for one in inbox.glob("*.zip.part"):
            if one.stat().st_size > 1_000_000:
                return one
        assert time.monotonic() < ends, list(inbox.iterdir())
        time.sleep(0.001)


def again(world: World, delivery: Any) -> None:
    """A person does not wait for its schedule."""
    for act in ("hold", "release"):
        world.run("resolve", delivery["delivery"], act, "--reason", "their server is back")


def test_what_was_cut_goes_on_when_the_server_is_back_and_lies_there_once_byte_for_byte(
    world: World, server: sshd.Sshd
) -> None:
    inbox, package = server.home / "inbox", large_package(world)
    with serving(world, world.folder / "serve.log") as served:
        dispatch = submit_over_http(served, package)
        part = begun(inbox)
        server.kill()
        before = part.stat()
        delivery = counsels(served, dispatch, "deferred")
        assert [one["result"] for one in delivery["attempts"]] == ["not-sent"]
        assert [one.name for one in inbox.iterdir()] == [part.name], "nothing bears a name that says it is whole"
        assert delivery["receipts"] == []
        server.start()
        again(world, delivery)
        _lies_once(inbox, counsels(served, dispatch, "handed-over"), before)


def _lies_once(inbox: Path, delivery: Any, before: os.stat_result) -> None:
    (whole,) = inbox.glob("*.zip")
    assert sorted(one.name for one in inbox.iterdir()) == [whole.name, f"{whole.name}.sha256"]
    assert whole.stat().st_ino == before.st_ino, "it was begun anew"
    assert whole.stat().st_size > before.st_size
    checked = [need.program("sha256sum", "coreutils"), "-c", f"{whole.name}.sha256"]
    assert subprocess.run(checked, cwd=inbox, check=False, capture_output=True).returncode == 0
    with zipfile.ZipFile(whole) as members:
        assert members.testzip() is None
    assert [one["result"] for one in delivery["attempts"]] == ["not-sent", "handed-over"]
    assert {one["reference"] for one in delivery["attempts"]} == {whole.stem.rpartition("_")[2]}
    assert [one["event"] for one in delivery["receipts"]] == ["ContentConsignment"]
