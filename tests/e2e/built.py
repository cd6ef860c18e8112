"""Packages for a world, made in this process: quick enough for tests that need many, and open to being made wrong."""

import json
import secrets
import uuid
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from keys.asice_build import build
from keys.cades import SigningKey
from keys.signing_key_file import load_signing_key
from tests.e2e.lately import minimal
from tests.e2e.world import TODAY, World

REASONS = b"# Reasons\n\nThe panel finds as follows.\n\n[1] It is so.\n"


def signer_of(world: World) -> SigningKey:
    """The registry's signer, whom the world's home trusts for every division."""
    return load_signing_key(world.signer_key.read_bytes(), world.signer_cert.read_bytes(), None)


def decision(**changes: Any) -> dict[str, Any]:
    """A decision with a package id of its own and its reasons in Markdown."""
    made = minimal(**({"package_id": str(uuid.uuid4())} | changes))
    for document in made["documents"]:
        document |= {"path": document["path"].replace(".pdf", ".md"), "media_type": "text/markdown"}
    return made


def documents_of(made: Mapping[str, Any]) -> dict[str, bytes]:
    """The documents that the decision names."""
    return {document["path"]: REASONS for document in made["documents"]}


def contents(**changes: Any) -> dict[str, bytes]:
    """What a package of such a decision holds."""
    made = decision(**changes)
    return {"decision.json": json.dumps(made).encode(), **documents_of(made)}


def package(world: World, **changes: Any) -> bytes:
    """A good package."""
    made = decision(**changes)
    return build(json.dumps(made).encode(), documents_of(made), signer=signer_of(world), at=TODAY)


def with_documents(world: World, held: Mapping[str, bytes], **changes: Any) -> bytes:
    """A package with these documents, which `changes` must name."""
    made = minimal(**({"package_id": str(uuid.uuid4())} | changes))
    return build(json.dumps(made).encode(), held, signer=signer_of(world), at=TODAY)


def heavy(world: World, size: int) -> bytes:
    """A package for one participant whose reasons are a PDF of that many bytes which nothing makes smaller."""
    document = {"path": "documents/heavy.pdf", "kind": "reasons", "language": "en", "media_type": "application/pdf"}
    participants = [{"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta", "language": "en"}]
    changes = {"documents": [document], "participants": participants, "minister": {"party": True}}
    return with_documents(world, {document["path"]: _pdf(size)}, **changes)


def _pdf(size: int) -> bytes:
    """One page that draws an image of noise."""
    writer = PdfWriter()
    page = writer.add_blank_page(612, 792)
    side = int((size / 3) ** 0.5)
    image, drawing = DecodedStreamObject(), DecodedStreamObject()
    image.set_data(secrets.token_bytes(side * side * 3))
    for name, value in (("/Type", "/XObject"), ("/Subtype", "/Image"), ("/ColorSpace", "/DeviceRGB")):
        image[NameObject(name)] = NameObject(value)
    for name, number in (("/Width", side), ("/Height", side), ("/BitsPerComponent", 8)):
        image[NameObject(name)] = NumberObject(number)
    drawing.set_data(b"q 500 0 0 500 56 146 cm /I Do Q")
    images = DictionaryObject({NameObject("/I"): writer._add_object(image)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): images})
    page[NameObject("/Contents")] = writer._add_object(drawing)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()
