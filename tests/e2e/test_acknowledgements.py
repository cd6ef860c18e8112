"""What comes back signed, from the printed page to the proof: by fax and mail, matched by its code, and by hand, where
a packet is printed, signed at the door, and photographed."""

import email
import email.policy
import json
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from tests.channels.fax_samples import NUMBER, SERVICE
from tests.e2e.lately import SIGNED_AT, SIGNED_ON
from tests.e2e.world import RSA, World
from tests.real.mail_sink import MailSink, running_sink
from tests.templates.hostile_pdfs import one_page

pytestmark = [pytest.mark.real, pytest.mark.slow]
MINISTER = {"id": "m1", "roles": ["minister-counsel"], "recipient": RSA, "language": "en"}
APPELLANT = {"id": "a1", "roles": ["appellant"], "represents": ["p1"], "contact": {"fax": NUMBER}}
BY_FAX = [
    MINISTER,
    {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "name": "C. Conseil", "contact": {"fax": NUMBER}},
    APPELLANT,
]
IN_THE_ROOM = [
    MINISTER,
    {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "name": "C. Conseil", "contact": {"fax": NUMBER}},
    {"id": "a1", "roles": ["person-concerned"], "represents": ["p1"], "contact": {"fax": NUMBER}},
]
WHO = "C. Conseil signed; the signature is that of the retainer."


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture
def world(sink: MailSink, tmp_path: Path) -> World:
    server = {"host": "127.0.0.1", "port": sink.port, "ca": str(sink.ca), "server_name": "mx.gw.test"}
    made = World(folder=tmp_path, mail=server | {"sender": "registry@gw.test"}).make()
    fax = server | {"sender": "registry@gw.test", "service": "fax.test", "results_from": SERVICE}
    lines = [f"{name} = {json.dumps(value)}" for name, value in fax.items()]
    settings = made.home / "gateway.toml"
    settings.write_text("\n".join([settings.read_text(), "[channels.fax]", *lines, "[channels.hand-delivery]", ""]))
    made.set("incoming", patience="0s")
    return made


def counsels(world: World, dispatch: str) -> dict[str, Any]:
    found = world.json("status", dispatch)["deliveries"]
    return next(one for one in found if "counsel" in one["roles"])


def faxes(sink: MailSink) -> list[EmailMessage]:
    read = [email.message_from_bytes(one, policy=email.policy.default) for one in sink.messages()]
    return [one for one in read if str(one["To"]).startswith("FAX=")]


def faxed(world: World, sink: MailSink, name: str) -> tuple[str, bytes]:
    """A dispatch whose counsel was sent a fax, and the TIFF of its cover."""
    dispatch = world.json("submit", world.package(name, division="IAD", participants=BY_FAX))["dispatches"][0]
    world.run("work", "--until-idle")
    fax = faxes(sink)[-1]
    content = next(iter(fax.iter_attachments())).get_content()
    assert isinstance(content, bytes)
    return str(dispatch["dispatch"]), content


def askew(tiff: bytes) -> bytes:
    """The first page as it comes back through a coarse machine: turned, shifted and speckled."""
    with Image.open(BytesIO(tiff)) as page:
        turned = page.convert("L").rotate(2.4, Image.Resampling.BILINEAR, translate=(30, -20), fillcolor=255)
    coarse = turned.resize((turned.width, turned.height // 2), Image.Resampling.BOX)
    chance = random.Random(3)
    for _ in range(coarse.width * coarse.height // 100):
        at = chance.randrange(coarse.width), chance.randrange(coarse.height)
        coarse.putpixel(at, 255 - int(coarse.getpixel(at)))  # type: ignore[arg-type]
    file = BytesIO()
    coarse.point(lambda grey: 255 if grey > 144 else 0).convert("1").save(
        file, "TIFF", compression="group3", dpi=(204, 98)
    )
    return file.getvalue()


def by_mail(world: World, page: bytes, name: str = "back") -> dict[str, Any]:
    """A page that a fax service sent to our mailbox; what became of it."""
    message = EmailMessage()
    message["From"] = "inbound@faxes.test"
    message["Subject"] = "1 page from +1 416 555 0199"
    message.set_content("See the attached file.")
    message.add_attachment(page, maintype="image", subtype="tiff", filename="fax.tif")
    file = world.folder / f"{name}.eml"
    file.write_bytes(message.as_bytes())
    kept = world.json("receipts", "ingest", file)["receipts"][0]["receipt"]
    world.run("work", "--until-idle")
    return next(one for one in world.json("receipts", "list")["receipts"] if one["receipt"] == kept)


def now() -> str:
    return datetime.now(UTC).isoformat()


def test_a_signed_fax_that_comes_back_is_the_proof_once_a_person_confirms_it(world: World, sink: MailSink) -> None:
    dispatch, cover = faxed(world, sink, "one")
    other, _ = faxed(world, sink, "other")
    at = now()
    page = by_mail(world, askew(cover))
    delivery = counsels(world, dispatch)
    assert (page["handling"], page["finding"]) == ("for-person", "page-returned")
    assert page["delivery"] == delivery["delivery"]
    assert (delivery["state"], delivery["settled"]) == ("handed-over", False)

    refused = world.run(
        "receipts", "match", page["receipt"], counsels(world, other)["delivery"], "--reason", WHO, expect=5
    )
    assert "another delivery" in refused.stderr

    drawn = world.folder / "page.png"
    assert world.json("receipts", "page", page["receipt"], "-o", drawn)["more"] is False
    with Image.open(drawn) as picture:
        assert 1 < picture.height / picture.width < 1.6, "its dots are square again"
    world.run("receipts", "confirm", page["receipt"], "--at", at, "--reason", WHO)
    stands = counsels(world, dispatch)
    assert (stands["state"], stands["settled"]) == ("delivered", True)
    assert (stands["service"]["method"], stands["service"]["basis"]) == ("fax", "evidence")
    assert stands["receipts"][-1]["event"] == "ContentHandover"
    assert stands["receipts"][-1]["evidence"] == page["evidence"]
    assert counsels(world, other)["state"] == "handed-over"

    dossier = world.folder / "proof.zip"
    world.run("evidence", "export", dispatch, "--participant", "c1", "-o", dossier)
    world.run("evidence", "verify", dossier)
    with zipfile.ZipFile(dossier) as file:
        raw = [file.read(name) for name in file.namelist() if name.startswith("receipts/")]
    assert any(b"1 page from" in one for one in raw)
    assert all(WHO.encode() not in file for file in raw)


def test_a_page_without_its_code_is_matched_by_hand(world: World, sink: MailSink) -> None:
    dispatch, cover = faxed(world, sink, "one")
    at = now()
    with Image.open(BytesIO(cover)) as page:
        torn = BytesIO()
        page.crop((0, 0, page.width, page.height // 2)).save(torn, "TIFF", compression="group4")
    found = by_mail(world, torn.getvalue())
    assert (found["handling"], found["finding"], found["delivery"]) == ("for-person", "pages-unknown", None)
    delivery = counsels(world, dispatch)["delivery"]
    matched = world.json("receipts", "match", found["receipt"], delivery, "--reason", "The file number stands on it.")
    assert (matched["delivery"], counsels(world, dispatch)["state"]) == (delivery, "handed-over")
    world.run("receipts", "confirm", found["receipt"], "--at", at, "--reason", WHO)
    assert counsels(world, dispatch)["state"] == "delivered"
    taken_back = world.run("receipts", "take-back", found["receipt"], "--reason", "Her neighbour signed it.")
    assert "handed over" in taken_back.stdout
    stands = counsels(world, dispatch)
    assert (stands["state"], stands["settled"]) == ("handed-over", False)
    assert "ContentHandover" not in [one["event"] for one in stands["receipts"]]
    world.run("receipts", "take-back", found["receipt"], "--reason", "Again.", expect=5)


def photograph(packet: bytes) -> bytes:
    """The first page as a telephone has it: in grey, a little turned, on a dark table."""
    page = pypdfium2.PdfDocument(packet)[0].render(scale=3).to_pil().convert("RGB")
    table = Image.new("RGB", (page.width + 400, page.height + 400), (90, 70, 60))
    table.paste(page.point(lambda value: int(value * 0.8)), (200, 200))
    file = BytesIO()
    table.rotate(4, Image.Resampling.BILINEAR, fillcolor=(90, 70, 60)).save(file, "JPEG", quality=70)
    return file.getvalue()


def with_order(world: World, name: str, spoken: dict[str, Any]) -> Path:
    """A package of the Immigration Division, whose order the member signed."""
    path = world.decision(world.folder / "sources" / name, division="ID", participants=IN_THE_ROOM, decision=spoken)
    decision = json.loads(path.read_text())
    order = next(one for one in decision["documents"] if one["kind"] == "order")
    (path.parent / order["path"]).unlink()
    order |= {"path": "documents/order.pdf", "media_type": "application/pdf"}
    number = decision["files"][0]["number"]
    (path.parent / order["path"]).write_bytes(one_page(f"File {number}"))
    path.write_text(json.dumps(decision))
    package = world.folder / f"{name}.asice"
    signer = ("--key", world.signer_key, "--cert", world.signer_cert)
    world.run("package", "build", path, "--documents", path.parent / "documents", *signer, "-o", package)
    return package


def in_hand(world: World, name: str) -> tuple[str, str, bytes]:
    """A dispatch of a decision that was spoken in the hearing room; counsel's delivery, and its packet."""
    spoken = {
        "form": "oral",
        "signed_at": SIGNED_AT,
        "language": "en",
        "members": [{"name": "M. Membre"}],
        "reasons": "with-notice",
        "heard": [{"date": str(SIGNED_ON), "mode": "in-person", "place": "Toronto"}],
    }
    dispatch = world.json("submit", with_order(world, name, spoken))["dispatches"][0]["dispatch"]
    world.run("work", "--until-idle")
    stands = counsels(world, dispatch)
    assert (stands["state"], stands["channel"]) == ("awaiting-person", "hand-delivery"), stands
    packet = world.folder / f"{name}-packet.pdf"
    world.run("packet", stands["delivery"], "-o", packet)
    return str(dispatch), str(stands["delivery"]), packet.read_bytes()


def test_what_is_handed_over_is_printed_signed_and_recorded(world: World) -> None:
    dispatch, delivery, packet = in_hand(world, "one")
    other, others, another = in_hand(world, "other")
    assert len(pypdfium2.PdfDocument(packet)) > 1
    photo = world.folder / "photo.jpg"
    told = ("--at", now(), "--place", "Hearing room 3", "--handed-to", "C. Conseil", "--reason", "Handed over by me.")

    photo.write_bytes(photograph(another))
    refused = world.run("resolve", delivery, "record-service", "--file", photo, *told, expect=5)
    assert "another delivery" in refused.stderr
    assert counsels(world, dispatch)["state"] == "awaiting-person"

    photo.write_bytes(photograph(packet))
    world.run("resolve", delivery, "record-service", "--file", photo, *told)
    stands = counsels(world, dispatch)
    assert (stands["state"], stands["service"]["method"]) == ("delivered", "hand-delivery")
    assert [one["channel"] for one in stands["attempts"]] == ["hand-delivery"]
    world.run("packet", delivery, "-o", photo, expect=5)
    assert counsels(world, other)["state"] == "awaiting-person"

    page = by_mail(world, photograph(another), "photo")
    assert (page["finding"], page["delivery"]) == ("page-returned", others)
    world.run("receipts", "confirm", page["receipt"], "--at", str(page["received_at"]), "--reason", WHO)
    ended = counsels(world, other)
    assert (ended["state"], ended["service"]["method"]) == ("delivered", "hand-delivery")
    taken_back = world.json("receipts", "take-back", page["receipt"], "--reason", "It is not signed.")
    assert (taken_back["delivery"], taken_back["state"]) == (others, "awaiting-person")
    world.run("packet", others, "-o", photo)
    assert photo.read_bytes() == another
