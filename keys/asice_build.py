"""Making a signed decision package: ASiC-E with CAdES (ETSI EN 319 162-1; INTERFACE.md)."""

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from gateway.domain.codes import Code
from gateway.domain.package import DECISION
from gateway.domain.problem import InputRefused
from keys.asice_container import MIMETYPE
from keys.asice_manifest import MANIFEST, SIGNATURE, write_manifest
from keys.asice_names import check_names, is_in_meta_inf, shown
from keys.cades import SigningKey, sign

_MEDIA_TYPES: Mapping[str, str] = {"json": "application/json", "pdf": "application/pdf", "md": "text/markdown"}
_LEVEL = 6
_SAMPLE = 65536
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Every member's time: the container tells nothing about the machine that made it."""

_PLAIN_FILE = 0o100644 << 16


def build(decision: bytes, documents: Mapping[str, bytes], *, signer: SigningKey, at: dt.datetime) -> bytes:
    """The package of `decision` (decision.json as it stands) and `documents` (by their path, `documents/…`).

    Without the signature the same input gives the same bytes; an RSA signature is the same too, an ECDSA one never.
    Raises InputRefused: package.member-unsafe, package.member-duplicate for the paths.
    """
    check_names(["mimetype", DECISION, *documents])
    for path in documents:
        if is_in_meta_inf(path):
            raise InputRefused(Code.PACKAGE_MEMBER_UNSAFE, where=shown(path))
    contents = {DECISION: decision, **documents}
    manifest = write_manifest({name: (_media_type(name), content) for name, content in contents.items()})
    signature = sign(manifest, signer=signer, at=at, detached=True)
    members = {**contents, MANIFEST: manifest, SIGNATURE: signature}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for entry, content in _entries(members):
            package.writestr(entry, content, compresslevel=_LEVEL)
    return file.getvalue()


def _entries(members: Mapping[str, bytes]) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    yield _entry("mimetype", zipfile.ZIP_STORED), MIMETYPE
    for name, content in members.items():
        yield _entry(name, _method(content)), content


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type = method
    entry.create_system = 3
    entry.external_attr = _PLAIN_FILE
    return entry


def _method(content: bytes) -> int:
    """Deflated, or stored when the beginning shows that there is nothing to gain."""
    sample = content[:_SAMPLE]
    return zipfile.ZIP_DEFLATED if len(zlib.compress(sample, _LEVEL)) < len(sample) else zipfile.ZIP_STORED


def _media_type(name: str) -> str:
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
