"""Registered mail from the package to the driver's signature, by the command line alone; a second program reads what is
printed."""

import csv
import datetime as dt
import hashlib
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.channels.mailing import POSTAL
from tests.channels.scan_samples import SIGNATORY, carrier_list
from tests.e2e.world import RSA, World
from tests.real import need
from tests.real.mail_sink import running_sink
from tests.templates.cases import text_of

pytestmark = [pytest.mark.real, pytest.mark.slow]

_ADDRESS = {
    "lines": list(POSTAL.lines),
    "municipality": POSTAL.municipality,
    "province": POSTAL.province,
    "postal_code": POSTAL.postal_code,
    "country": POSTAL.country,
}
PARTICIPANTS = [
    {"id": "m1", "roles": ["minister-counsel"], "recipient": RSA, "language": "en"},
    {
        "id": "c1",
        "roles": ["counsel"],
        "represents": ["p1"],
        "name": "Zoé Conseil",
        "language": "fr",
        "contact": {"postal": _ADDRESS},
    },
    {"id": "a1", "roles": ["appellant"], "represents": ["p1"], "contact": {"postal": _ADDRESS}},
]
CHANNEL = """
[channels.registered-mail]
carrier = "Canada Post"
return_to = { toronto = ["Immigration and Refugee Board", "1 Example Street", "Toronto ON  M5V 3L9"] }
cut_off = "23:59"
ranges = ["RN 47312481-47312489 CA"]
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_sink() as sink:
        server = {"host": "127.0.0.1", "port": sink.port, "ca": str(sink.ca), "server_name": "mx.gw.test"}
        made = World(folder=tmp_path, mail=server | {"sender": "registry@gw.test"}).make()
        settings = made.home / "gateway.toml"
        settings.write_text(settings.read_text() + CHANNEL)
        yield made


def _mailed(world: World, dispatch: str) -> list[dict[str, Any]]:
    return [one for one in world.json("status", dispatch)["deliveries"] if one["channel"] == "registered-mail"]


def _codes(file: Path, dots: tuple[float, float]) -> list[str]:
    """What zbar reads from the first page, printed at so many dots to the inch, black or white."""
    zbar = need.program("zbarimg", "zbar-tools")
    page = pypdfium2.PdfDocument(file)[0]
    width, height = page.get_size()
    drawn = page.render(scale=max(dots) / 72).to_pil().convert("L")
    size = (round(width * dots[0] / 72), round(height * dots[1] / 72))
    picture = file.with_suffix(".png")
    drawn.resize(size).point(lambda grey: 255 if grey > 144 else 0).convert("1").save(picture)
    done = subprocess.run([zbar, "-q", "--raw", str(picture)], capture_output=True, text=True, check=True)
    picture.unlink()
    return done.stdout.split()


def test_registered_mail_is_gathered_listed_printed_checked_and_handed_over(world: World, tmp_path: Path) -> None:
    package = world.package(division="IAD", participants=PARTICIPANTS)
    dispatch = world.json("submit", package)["dispatches"][0]["dispatch"]
    world.run("work", "--until-idle")
    mailed = _mailed(world, dispatch)
    assert [(one["state"], one["receipts"]) for one in mailed] == [("batched", [])] * len(mailed)
    assert mailed, world.json("status", dispatch)
    assert "registered mail" in world.run("manifest", "list").stdout

    out = tmp_path / "out"
    world.run("manifest", "close", "--office", "toronto", "--output", out, expect=4)
    out.mkdir()
    (closing,) = world.json("manifest", "close", "--output", out)["closings"]
    number = closing["manifest"]["manifest"]
    assert closing["manifest"]["items"] == len(mailed)
    again = world.json("manifest", "close", expect=5)
    assert again["code"] == "manifest.nothing-gathered"
    assert number in again["detail"]
    items = world.json("manifest", "show", number)["items"]
    assert [one["piece"] for one in items] == ["RN473124815CA", "RN473124829CA"][: len(mailed)]

    made = {file.name: file.read_bytes() for file in out.iterdir()}
    (out / f"{number}.pdf").unlink()
    world.run("manifest", "show", number, "--output", out)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == made
    driver = text_of(made[f"{number}.pdf"])
    assert "H3Z" in driver
    assert "Conseil" not in driver
    with (out / f"{number}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["postal_code"] for row in rows] == ["H3Z 2Y7"] * len(items)

    for dots in ((204, 196), (300, 300)):
        assert _codes(out / f"{number}.pdf", dots) == [number]
        assert _codes(out / f"{number}-labels-01.pdf", dots) == [items[0]["piece"]]
        assert _codes(out / f"{number}-0001.pdf", dots) == ["S" + items[0]["reference"]]
    packet = pypdfium2.PdfDocument(out / f"{number}-0001.pdf")
    assert len(packet) == items[0]["pages"]
    assert "MONTRÉAL QC" in packet[0].get_textpage().get_text_bounded()
    assert packet[1].get_textpage().get_text_bounded().strip() == "", "the letter begins on a front"
    world.run("scans", "check", "S" + items[0]["reference"], items[0]["piece"])
    world.run("scans", "check", "S" + items[-1]["reference"], "RN473124850CA", expect=4)
    twice = world.json("scans", "check", items[0]["piece"], items[0]["piece"], expect=5)
    assert twice["code"] == "manifest.one-side"

    signed = tmp_path / "signed.pdf"
    signed.write_bytes(made[f"{number}.pdf"])
    for page, counted, code in (
        (out / f"{number}-labels-01.pdf", len(items), "manifest.page-unread"),
        (signed, len(items) + 1, "manifest.count-differs"),
    ):
        refused = world.json("manifest", "handover", number, "--file", page, "--counted", str(counted), expect=5)
        assert refused["code"] == code
    done = world.json("manifest", "handover", number, "--file", signed, "--counted", str(len(items)))
    assert (done["handed_over"], done["left_out"]) == (len(items), [])
    world.run("manifest", "handover", number, "--file", signed, expect=5)
    world.run("work", "--until-idle")
    for one in _mailed(world, dispatch):
        assert (one["state"], one["settled"]) == ("handed-over", False)
        assert [receipt["event"] for receipt in one["receipts"]] == ["RelayToNonERDS"]
        assert one["attempts"][-1]["detail"].startswith(f"Canada Post {number} RN4731248")
    assert "handed over" in world.run("manifest", "show", number).stdout
    _scan(world, dispatch, [one["piece"] for one in items], tmp_path)


def _proven(world: World, dispatch: str, archive: Path) -> None:
    """The evidence of one delivery holds the scan of its own envelope, byte for byte, and nobody else's."""
    one = _mailed(world, dispatch)[0]
    world.run("evidence", "export", dispatch, "--participant", one["participant"], "-o", archive)
    with zipfile.ZipFile(archive) as evidence:
        (name,) = [name for name in evidence.namelist() if name.startswith("receipts/scan-")]
        digest = "sha256:" + hashlib.sha256(evidence.read(name)).hexdigest()
        assert SIGNATORY.encode() in evidence.read(name)
    handed = [receipt for receipt in one["receipts"] if receipt["event"] == "ContentConsignment"]
    assert [receipt["evidence"] for receipt in handed] == [digest]


def _scan(world: World, dispatch: str, pieces: list[str], folder: Path) -> None:
    """The carrier's list of the same day: signed for, and one number that is none of ours."""
    now = dt.datetime.now(dt.UTC).isoformat()
    file = folder / "scans.csv"
    file.write_bytes(carrier_list(*([one, "1408", now, SIGNATORY] for one in pieces), ["RN999999999CA", "0100", now]))
    done = world.json("scans", "import", file)
    assert done["new"] == {"delivered": len(pieces), "in-transit": 1}
    assert [(one["item"], one["fault"]) for one in done["faulty"]] == [("RN999999999CA", "no-item")]
    shown = world.run("scans", "import", file)
    assert f"0 scans were taken in; {len(pieces) + 1} stood already" in shown.stdout
    assert SIGNATORY not in shown.stdout + shown.stderr + world.run("scans", "list").stdout
    assert "RN999999999CA" in world.run("scans", "list", "--faulty").stdout
    (waits,) = world.json("receipts", "list", "--handling", "for-person")["receipts"]
    assert (waits["receipt"], waits["source"]) == (done["receipt"], "scans")
    world.run("receipts", "show", done["receipt"], "-o", folder / "kept.csv")
    assert (folder / "kept.csv").read_bytes() == file.read_bytes()
    world.run("receipts", "close", done["receipt"], "--reason", "A number of another sender.")
    world.run("work", "--until-idle")
    for one in _mailed(world, dispatch):
        assert (one["state"], one["settled"], one["service"]["basis"]) == ("delivered", True, "evidence")
    _proven(world, dispatch, folder / "evidence.zip")
    file.write_bytes(b"item;event;at\n")
    assert world.json("scans", "import", file, expect=3)["code"] == "scans.file-unknown"
