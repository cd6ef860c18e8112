"""Packages that must be refused, each with the code and the place that the refusal names: what a hostile or unlucky
sender could hand in. Every one is made at run time, most of them with the real signer's key."""

import base64
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain.codes import Code
from keys.asice_manifest import MANIFEST, SIGNATURE
from keys.cades import SigningKey, sign
from tests.e2e import built
from tests.e2e.world import TODAY, World, _order
from tests.keys.packages import Entry, entries, manifest_of, zipped
from tests.keys.pki import DAY, Authority, Order, ca_order, pem
from tests.keys.signatures import Recipe

REASONS = "documents/reasons.md"
LIMIT, UNPACKED = 2_000_000, 6_000_000
"""Bytes: `[limits] package` and `unpacked` of the home under attack."""

Rows = dict[str, "Bad"]


@dataclass(frozen=True)
class Bad:
    """A package, and what its refusal says."""

    raw: bytes
    code: Code
    where: str | None


class Attacker:
    """Makes the packages. `world`'s home trusts the registry's signer; more anchors are trusted in `prepare`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.signer = built.signer_of(world)
        self._other = Authority.root(_order(ca_order("Second Root")))
        self._revoked = self._other.signer(_order(Order(name="Revoked")))
        self._rad = Authority.root(_order(ca_order("RAD Root")))

    def prepare(self) -> None:
        """Trusts a root with a signer revoked, and a root for the RAD alone."""
        folder = self._world.folder
        for name, root, divisions, revoked in (
            ("second", self._other, "RPD", [self._revoked.certificate]),
            ("rad", self._rad, "RAD", []),
        ):
            anchor, crl = folder / f"{name}.pem", folder / f"{name}.crl"
            anchor.write_bytes(pem(root.certificate))
            crl.write_bytes(root.crl(*revoked, since=TODAY - DAY, until=TODAY + 30 * DAY))
            self._world.run("keys", "trust", anchor, "--divisions", divisions, "--crl", crl)

    def rows(self) -> Rows:
        """Every bad package by its name."""
        return {**self._members(), **self._containers(), **self._manifests(), **self._signatures(), **self._decisions()}

    def signed(self, contents: Mapping[str, bytes] | None = None, **parts: Any) -> list[Entry]:
        """The members of a package, whole and signed now unless told otherwise."""
        contents = contents or built.contents()
        manifest = parts.get("manifest") or manifest_of(contents)
        signer: SigningKey = parts.get("signer") or self.signer
        signature = parts.get("signature") or sign(manifest, signer=signer, at=TODAY, detached=True)
        return entries(signer, contents=contents, manifest=manifest, signature=signature)

    def _changed(self, change: Callable[[list[Entry]], list[Entry]]) -> bytes:
        return zipped(change(self.signed()))

    def _members(self) -> Rows:
        extra = [("documents/extra.pdf", b"x"), ("META-INF/extra.xml", b"x"), ("Documents/REASONS.md", b"x")]
        codes = [Code.PACKAGE_MEMBER_UNLISTED, Code.PACKAGE_MEMBER_UNLISTED, Code.PACKAGE_MEMBER_DUPLICATE]
        unsafe = ["../evil", "documents/../../evil", "/etc/passwd", "C:evil", "documents/%2e%2e/evil", "a/\u202eb"]
        return {
            "altered document": Bad(self._changed(_put(REASONS, b"other")), Code.PACKAGE_DIGEST_MISMATCH, REASONS),
            "altered decision": Bad(
                self._changed(_put("decision.json", b"{}")), Code.PACKAGE_DIGEST_MISMATCH, "decision.json"
            ),
            "missing document": Bad(self._changed(_drop(REASONS)), Code.PACKAGE_MEMBER_MISSING, REASONS),
            "missing decision": Bad(self._changed(_drop("decision.json")), Code.PACKAGE_NO_DECISION, "decision.json"),
            "missing manifest": Bad(self._changed(_drop(MANIFEST)), Code.PACKAGE_MEMBER_MISSING, MANIFEST),
            "duplicate member": Bad(_doubled(self.signed()), Code.PACKAGE_MEMBER_DUPLICATE, REASONS),
            **{
                f"extra {name}": Bad(self._changed(_add(name, raw)), code, name)
                for (name, raw), code in zip(extra, codes, strict=True)
            },
            **{
                f"unsafe {name!a}": Bad(
                    self._changed(_add(name, b"x")),
                    Code.PACKAGE_MEMBER_UNSAFE,
                    name.encode("unicode_escape").decode(),
                )
                for name in unsafe
            },
            "symbolic link": Bad(self._changed(lambda old: [*old, _link()]), Code.PACKAGE_MEMBER_UNSAFE, "documents/l"),
        }

    def _containers(self) -> Rows:
        good = zipped(self.signed())
        many = [(f"documents/{number}", b"") for number in range(10_000)]
        bomb, hidden = _bomb(20_000_000), _bomb(20_000_000, announced=1000)
        noise = hashlib.shake_256(b"noise").digest(LIMIT)
        flat = {f"documents/{number}.bin": bytes(range(256)) * 4000 for number in range(7)}
        return {
            "nothing": Bad(b"", Code.PACKAGE_NOT_ZIP, None),
            "a PDF": Bad(b"%PDF-1.7\n" * 100, Code.PACKAGE_NOT_ZIP, None),
            "cut off": Bad(good[:-7], Code.PACKAGE_NOT_ZIP, None),
            "prepended": Bad(b"#!/bin/sh\n" + good, Code.PACKAGE_NOT_ZIP, None),
            "no mimetype": Bad(self._changed(_drop("mimetype")), Code.PACKAGE_NOT_ASIC, None),
            "ten thousand members": Bad(self._changed(lambda old: [*old, *many]), Code.PACKAGE_TOO_MANY_MEMBERS, None),
            "a bomb that says so": Bad(_with(good, bomb), Code.PACKAGE_MEMBER_TOO_LARGE, "documents/bomb"),
            "a bomb that lies": Bad(_with(good, hidden), Code.PACKAGE_MEMBER_UNLISTED, "documents/bomb"),
            "a signed bomb that lies": Bad(self._signed_bomb(), Code.PACKAGE_EXPANDS_TOO_MUCH, "documents/bomb"),
            "out of proportion": Bad(_with(good, _bomb(LIMIT)), Code.PACKAGE_EXPANDS_TOO_MUCH, "documents/bomb"),
            "unpacked too large": Bad(
                zipped(self.signed(built.contents() | flat)), Code.PACKAGE_EXPANDS_TOO_MUCH, None
            ),
            "larger than the limit": Bad(
                zipped(self.signed(built.contents() | {"documents/n": noise})), Code.PACKAGE_TOO_LARGE, None
            ),
        }

    def _signed_bomb(self) -> bytes:
        contents = built.contents()
        manifest = manifest_of(contents | {"documents/bomb": b"\0"})
        return _with(zipped(self.signed(contents, manifest=manifest)), _bomb(20_000_000, announced=1000))

    def _manifests(self) -> Rows:
        contents = built.contents()
        good = manifest_of(contents)
        sha1 = base64.b64encode(hashlib.sha1(contents[REASONS]).digest())
        sha256 = base64.b64encode(hashlib.sha256(contents[REASONS]).digest())
        weak = good.replace(sha256, sha1).replace(b"xmlenc#sha256", b"xmlenc#sha256", 1)
        first, last = weak.rsplit(b"http://www.w3.org/2001/04/xmlenc#sha256", 1)
        weak = first + b"http://www.w3.org/2000/09/xmldsig#sha1" + last
        entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
        laughs = b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY l0 "lol">' + entities + b"]><m>&l9;</m>"
        outside = b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><m>&x;</m>'
        deep = b"<a>" * 100_000 + b"</a>" * 100_000
        rows = {"XML entities": laughs, "an outside entity": outside, "deep XML": deep, "no XML": b"\xff\xfe\x00"}
        return {
            "wrong digest algorithm": Bad(
                zipped(self.signed(contents, manifest=weak)), Code.PACKAGE_DIGEST_ALGORITHM, REASONS
            ),
            **{
                name: Bad(zipped(self.signed(contents, manifest=raw)), Code.PACKAGE_MANIFEST_INVALID, MANIFEST)
                for name, raw in rows.items()
            },
        }

    def _signatures(self) -> Rows:
        contents = built.contents()
        manifest = manifest_of(contents)
        recipe = Recipe(content=manifest, signer=self.signer)
        unknown = Authority.root(_order(ca_order("Nobody"))).signer(_order(Order(name="Unknown")))
        old = Order(name="Expired", not_before=TODAY - 90 * DAY, not_after=TODAY - DAY)
        expired = self._other.signer(old)
        backdated = sign(manifest, signer=expired, at=TODAY - 2 * DAY, detached=True)

        def made(**parts: Any) -> bytes:
            return zipped(self.signed(contents, manifest=manifest, **parts))

        return {
            "no signature": Bad(self._changed(_drop(SIGNATURE)), Code.SIGNATURE_MISSING, SIGNATURE),
            "no signer": Bad(made(signature=recipe.but(signers=0).sign()), Code.SIGNATURE_NO_SIGNER, SIGNATURE),
            "two signers": Bad(made(signature=recipe.but(signers=2).sign()), Code.SIGNATURE_SEVERAL_SIGNERS, SIGNATURE),
            "garbage for a signature": Bad(made(signature=b"\x30\x82"), Code.SIGNATURE_UNREADABLE, SIGNATURE),
            "a signature of something else": Bad(
                made(signature=sign(b"other", signer=self.signer, at=TODAY, detached=True)),
                Code.SIGNATURE_INVALID,
                SIGNATURE,
            ),
            "signed tomorrow": Bad(
                made(signature=sign(manifest, signer=self.signer, at=TODAY + 2 * DAY, detached=True)),
                Code.SIGNATURE_TIME_IMPLAUSIBLE,
                SIGNATURE,
            ),
            "unknown signer": Bad(made(signer=unknown), Code.SIGNER_UNKNOWN, SIGNATURE),
            "expired signer": Bad(made(signer=expired, signature=backdated), Code.SIGNER_EXPIRED, SIGNATURE),
            "revoked signer": Bad(made(signer=self._revoked), Code.SIGNER_REVOKED, SIGNATURE),
            "signer of another division": Bad(
                made(signer=self._rad.signer(_order(Order(name="RAD only")))),
                Code.SIGNER_NOT_FOR_DIVISION,
                "$.division",
            ),
        }

    def _decisions(self) -> Rows:
        good = built.decision()
        text = json.dumps(good)
        person = good["persons"][0]
        raws: dict[str, tuple[bytes, Code, str]] = {
            "no JSON": (b"{", Code.DECISION_NOT_JSON, "$"),
            "not UTF-8": (text.replace("Alex", "Al\xe9x").encode("latin-1"), Code.DECISION_NOT_JSON, "$"),
            "deep JSON": (b"[" * 200_000 + b"]" * 200_000, Code.DECISION_TOO_DEEP, "$"),
            "deep JSON inside": (_with_field(good, "relation", _nested(40)), Code.DECISION_TOO_DEEP, "$"),
            "huge JSON": (text.encode() + b" " * 1_000_001, Code.DECISION_TOO_LARGE, "$"),
            "a number without end": (
                text.replace("false", "9" * 500_000, 1).encode(),
                Code.DECISION_NOT_JSON,
                "$",
            ),
            "unknown field": (_with_field(good, "surprise", 1), Code.DECISION_UNKNOWN_FIELD, "$.surprise"),
            "unknown field inside": (
                _with_field(good, "persons", [person | {"nickname": "x"}]),
                Code.DECISION_UNKNOWN_FIELD,
                "$.persons[0].nickname",
            ),
            "a field twice": (
                (text[:-1] + ', "office": "calgary"}').encode(),
                Code.DECISION_DUPLICATE_KEY,
                "$.office",
            ),
            "unknown code": (
                _with_field(good, "classification", "secret"),
                Code.DECISION_UNKNOWN_CODE,
                "$.classification",
            ),
            "no such office": (_with_field(good, "office", "atlantis"), Code.DECISION_UNKNOWN_OFFICE, "$.office"),
            "outcome of another division": (
                _with_field(good, "persons", [person | {"outcome": {"code": "stayed"}}]),
                Code.DECISION_OUTCOME_NOT_OF_DIVISION,
                "$.persons[0].outcome.code",
            ),
            "a document that is not there": (
                _with_field(good, "documents", [*good["documents"], _document("documents/none.md")]),
                Code.DECISION_MISSING_DOCUMENT,
                "$.documents[1].path",
            ),
            "an id that leads nowhere": (
                _with_field(good, "files", [{"number": "TC6-12345", "persons": ["p9"]}]),
                Code.DECISION_DANGLING_ID,
                "$.files[0].persons[0]",
            ),
            "a control character": (
                text.replace("Alex", "Al\\u0000ex").encode(),
                Code.DECISION_VALUE_INVALID,
                "$.persons[0].given_name",
            ),
        }
        documents = built.documents_of(good)
        rows = {
            name: Bad(zipped(self.signed({"decision.json": raw, **documents})), code, where)
            for name, (raw, code, where) in raws.items()
        }
        unnamed = built.contents() | {"documents/unnamed.md": b"x"}
        rows["a document that nobody names"] = Bad(
            zipped(self.signed(unnamed)), Code.DECISION_UNNAMED_DOCUMENT, "documents/unnamed.md"
        )
        return rows


def _put(name: str, content: bytes) -> Callable[[list[Entry]], list[Entry]]:
    return lambda members: [(entry, content if entry == name else old) for entry, old in members]


def _add(name: str, content: bytes) -> Callable[[list[Entry]], list[Entry]]:
    return lambda members: [*members, (name, content)]


def _drop(name: str) -> Callable[[list[Entry]], list[Entry]]:
    return lambda members: [entry for entry in members if entry[0] != name]


def _link() -> Entry:
    entry = zipfile.ZipInfo("documents/l")
    entry.external_attr = 0o120777 << 16
    return entry, b"/etc/passwd"


def _doubled(members: list[Entry]) -> bytes:
    """One member twice: written under another name of the same length, which is then put right in both headers."""
    other = REASONS.replace("reasons", "REASONX")
    return zipped([*members, (other, b"other")]).replace(other.encode(), REASONS.encode())


def _bomb(size: int, announced: int | None = None) -> Entry:
    """A member of `size` zeros; `announced`: what its headers say instead."""
    entry = zipfile.ZipInfo("documents/bomb")
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.file_size = size if announced is None else announced
    return entry, bytes(size)


def _with(good: bytes, member: Entry) -> bytes:
    """The container with one member more, deflated, its headers as the entry says."""
    entry, content = member
    assert isinstance(entry, zipfile.ZipInfo)
    announced = entry.file_size
    file = io.BytesIO(good)
    with zipfile.ZipFile(file, "a") as container:
        container.writestr(entry, content)
    raw = file.getvalue()
    name = entry.filename.encode()
    local, central = raw.index(name) - 30, raw.rindex(name) - 46
    for place in (local + 22, central + 24):
        raw = raw[:place] + struct.pack("<I", announced) + raw[place + 4 :]
    assert zlib.crc32(content)
    return raw


def _with_field(decision: Mapping[str, Any], name: str, value: object) -> bytes:
    return json.dumps({**decision, name: value}).encode()


def _nested(depth: int) -> object:
    value: object = {}
    for _ in range(depth):
        value = {"a": value}
    return value


def _document(path: str) -> dict[str, str]:
    return {"path": path, "kind": "reasons", "language": "en", "media_type": "text/markdown"}
