"""Packages made step by step, so that a test can do one step wrong."""

import io
import zipfile
from collections.abc import Iterable, Mapping

from keys.asice_manifest import MANIFEST, SIGNATURE, write_manifest
from keys.cades import SigningKey, sign
from tests.keys.pki import NOW

MIMETYPE = "application/vnd.etsi.asic-e+zip"
CONTENTS: Mapping[str, bytes] = {"decision.json": b"{}", "documents/reasons.pdf": b"%PDF-1.7 " + bytes(range(256)) * 8}

Entry = tuple[str | zipfile.ZipInfo, bytes]


def manifest_of(contents: Mapping[str, bytes] = CONTENTS) -> bytes:
    """A right manifest of the contents."""
    return write_manifest({name: ("application/octet-stream", content) for name, content in contents.items()})


def entries(
    signer: SigningKey,
    *,
    contents: Mapping[str, bytes] = CONTENTS,
    manifest: bytes | None = None,
    signature: bytes | None = None,
) -> list[Entry]:
    """All members of a package in order; a given manifest is signed as it is."""
    manifest = manifest_of(contents) if manifest is None else manifest
    signature = sign(manifest, signer=signer, at=NOW, detached=True) if signature is None else signature
    return [("mimetype", MIMETYPE.encode()), *contents.items(), (MANIFEST, manifest), (SIGNATURE, signature)]


def zipped(members: Iterable[Entry], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of the members, `mimetype` stored."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as package:
        for entry, content in members:
            package.writestr(entry, content, zipfile.ZIP_STORED if entry == "mimetype" else None)
    return file.getvalue()


def package(
    signer: SigningKey,
    *,
    contents: Mapping[str, bytes] = CONTENTS,
    manifest: bytes | None = None,
    signature: bytes | None = None,
) -> bytes:
    """A whole package."""
    return zipped(entries(signer, contents=contents, manifest=manifest, signature=signature))
