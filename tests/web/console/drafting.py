"""What an officer types and drops for a new dispatch."""

import io

import httpx
from reportlab.pdfgen.canvas import Canvas

from gateway.bootstrap import key_folder
from gateway.web.safety import form_token
from tests.web.console.house import House, Person, hidden

FILE = "TC6-12345"
NEW = {"division": "RPD", "office": "toronto", "file_number": f" {FILE.lower()} "}


def pdf(*lines: str) -> bytes:
    """A paper that says this."""
    made = io.BytesIO()
    canvas = Canvas(made)  # type: ignore[no-untyped-call]
    for place, line in enumerate(lines):
        canvas.drawString(72, 720 - 20 * place, line)  # type: ignore[no-untyped-call]
    canvas.save()  # type: ignore[no-untyped-call]
    return made.getvalue()


def trusted(house: House, divisions: str = "RPD,ID,IAD") -> str:
    """Packages of the gateway's seal are taken; its fingerprint."""
    seal = house.gateway.console.new_dispatch.sign.seal().fingerprint
    authority = (key_folder(house.home.path, house.gateway.settings) / "gateway-ca.pem").read_bytes()
    house.gateway.keyring.trust(authority, divisions=divisions, signer=seal, crls=[], actor="test")
    return seal


def begun(house: House, person: Person, **changed: str) -> str:
    """A draft; where it is, below `/console`."""
    answered = house.post(person, "/en/new", NEW | changed)
    assert answered.status_code == 303, answered.text
    return str(answered.headers["location"]).removeprefix("/console")


def whole(page: httpx.Response, **changed: str) -> dict[str, str]:
    """Everything that a decision needs and the parties do not tell."""
    return {
        "seen": hidden(page, "seen"),
        "type": "claim",
        "nature": "final",
        "form_of": "written",
        "signed_at": "2026-11-20T10:00",
        "language": "fr",
        "members": "A. Exemple\n",
        "reasons": "with-notice",
        "private_proceeding": "yes",
        "private_basis": "166(c)",
        "classification": "protected-b",
    } | changed


def saved(house: House, person: Person, place: str, fields: dict[str, str], *papers: bytes) -> httpx.Response:
    """The form is sent with those papers."""
    files = [("file", ("x.pdf", one, "application/pdf")) for one in papers] or [("file", ("", b"", "application/pdf"))]
    bears = {"form": form_token(person.session)} | fields
    return house.browser.post(f"/console{place}", data=bears, files=files, headers=person.cookie)
