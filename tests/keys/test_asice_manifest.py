"""The manifest is read as the format has it and in no other way."""

import base64
import hashlib
from collections.abc import Callable

import pytest

from gateway.domain.codes import Code
from keys.asice_manifest import read_manifest
from tests.keys.packages import CONTENTS, manifest_of
from tests.keys.refusals import refused

BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10 if i else b"&a;" * 10) for i in range(9)
)


def swap(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(manifest: bytes) -> bytes:
        assert old in manifest
        return manifest.replace(old, new)

    return change


def doctype(definition: bytes, use: bytes) -> Callable[[bytes], bytes]:
    def change(manifest: bytes) -> bytes:
        declaration, rest = manifest.split(b"?>", 1)
        return declaration + b"?>" + definition + rest.replace(b"decision.json", use)

    return change


def test_members_are_listed_by_their_decoded_names() -> None:
    listed = read_manifest(manifest_of({**CONTENTS, "documents/motifs été.pdf": b"x", "documents/a%b&<'\".md": b"y"}))
    assert list(listed) == [*CONTENTS, "documents/motifs été.pdf", "documents/a%b&<'\".md"]
    listed["documents/motifs été.pdf"].check(b"x")


@pytest.mark.parametrize("bits", [384, 512])
def test_longer_digests_are_taken(bits: int) -> None:
    kind = {384: b"http://www.w3.org/2001/04/xmldsig-more#sha384", 512: b"http://www.w3.org/2001/04/xmlenc#sha512"}
    value = base64.b64encode(hashlib.new(f"sha{bits}", b"{}").digest())
    short = base64.b64encode(hashlib.sha256(b"{}").digest())
    manifest = manifest_of({"decision.json": b"{}"}).replace(short, value)
    manifest = manifest.replace(b"http://www.w3.org/2001/04/xmlenc#sha256", kind[bits])
    read_manifest(manifest)["decision.json"].check(b"{}")
    with refused(Code.PACKAGE_DIGEST_MISMATCH, "decision.json"):
        read_manifest(manifest)["decision.json"].check(b"[]")


@pytest.mark.parametrize(
    "algorithm",
    [
        b"http://www.w3.org/2000/09/xmldsig#sha1",
        b"http://www.w3.org/2001/04/xmldsig-more#md5",
        b"http://www.w3.org/2001/04/xmlenc#SHA256",
        b"",
    ],
)
def test_another_digest_algorithm_is_refused(algorithm: bytes) -> None:
    with refused(Code.PACKAGE_DIGEST_ALGORITHM, "decision.json"):
        read_manifest(manifest_of().replace(b"http://www.w3.org/2001/04/xmlenc#sha256", algorithm))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(doctype(BOMB + b"]>", b"&a8;"), id="billion laughs"),
        pytest.param(doctype(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', b"&e;"), id="external entity"),
        pytest.param(doctype(b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">', b"d"), id="external document type"),
        pytest.param(doctype(b"<!DOCTYPE x>", b"decision.json"), id="empty document type"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: b"\x00\xff", id="no text"),
        pytest.param(lambda m: m.decode().encode("utf-16"), id="utf-16"),
        pytest.param(lambda m: m[:-20], id="cut off"),
        pytest.param(swap(b"uri.etsi.org/02918/v1.2.1#", b"uri.etsi.org/02918/v1.1.1#"), id="another namespace"),
        pytest.param(swap(b"asic:ASiCManifest", b"asic:Manifest"), id="another root"),
        pytest.param(swap(b"META-INF/signature.p7s", b"META-INF/signature001.p7s"), id="another signature"),
        pytest.param(swap(b"application/pkcs7-signature", b"text/xml"), id="another signature type"),
        pytest.param(
            swap(b"  <asic:SigReference", b'  <asic:SigReference URI="META-INF/signature.p7s"/><asic:SigReference'),
            id="two signatures",
        ),
        pytest.param(swap(b"<asic:SigReference", b"<asic:Other"), id="no signature"),
        pytest.param(swap(b'URI="decision.json"', b'URI="documents/reasons.pdf"'), id="listed twice"),
        pytest.param(swap(b'URI="decision.json"', b'URI="documents/%72easons.pdf"'), id="listed twice, encoded"),
        pytest.param(swap(b'URI="decision.json"', b""), id="no name"),
        pytest.param(swap(b'URI="decision.json"', b'URI="%ff"'), id="name of no text"),
        pytest.param(swap(b'URI="decision.json"', b'URI="decision.json" Id="a"'), id="unknown attribute"),
        pytest.param(swap(b"</ds:DigestValue>", b"!</ds:DigestValue>"), id="no base64"),
        pytest.param(swap(b"</ds:DigestValue>", b"<x/></ds:DigestValue>"), id="digest with a child"),
        pytest.param(swap(b"</ds:DigestValue>", b"</ds:DigestValue><ds:DigestValue/>"), id="two digests"),
        pytest.param(swap(b"</asic:ASiCManifest>", b"text</asic:ASiCManifest>"), id="stray text"),
        pytest.param(swap(b"</asic:ASiCManifest>", b"<asic:X/></asic:ASiCManifest>"), id="unknown element"),
        pytest.param(lambda m: m.replace(b"asic:DataObjectReference", b"asic:X"), id="no reference at all"),
    ],
)
def test_another_structure_is_refused(change: Callable[[bytes], bytes]) -> None:
    with refused(Code.PACKAGE_MANIFEST_INVALID):
        read_manifest(change(manifest_of()))


def test_a_manifest_of_nothing_is_refused() -> None:
    with refused(Code.PACKAGE_MANIFEST_INVALID):
        read_manifest(manifest_of({}))


def test_a_deeply_nested_manifest_is_refused() -> None:
    with refused(Code.PACKAGE_MANIFEST_INVALID):
        read_manifest(b"<a>" * 100_000 + b"</a>" * 100_000)
