"""A package is taken when everything in it was signed, and refused at the place where it was not."""

import io
import zipfile
from collections.abc import Callable

import pytest

from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.outcomes import Division
from gateway.domain.problem import InputRefused
from gateway.domain.trust import Revocation, VerifiedPackage
from gateway.ports.packages import PackageVerifier
from keys.asice import AsicVerifier
from keys.asice_build import build
from keys.asice_container import PackageLimits
from keys.asice_manifest import MANIFEST, SIGNATURE
from keys.cades import sign
from keys.certificates import fingerprint
from keys.revocation import RevocationRules
from tests.keys.conftest import Pki
from tests.keys.packages import CONTENTS, Entry, entries, manifest_of, package, zipped
from tests.keys.pki import DAY, NOW, Authority, Order
from tests.keys.refusals import refused

VERIFIER: PackageVerifier = AsicVerifier(PackageLimits(), RevocationRules())


def verify(raw: bytes, pki: Pki) -> VerifiedPackage:
    return VERIFIER.verify(raw, anchors=[pki.anchor()], at=NOW)


def test_what_is_built_is_taken_with_its_members_and_its_signer(pki: Pki) -> None:
    documents = {
        "documents/reasons.pdf": b"%PDF " * 50_000,
        "documents/ordonnance n° 1.pdf": b"",
        "documents/a.md": b"#",
    }
    raw = build(b'{"schema": "decision-package/1"}', documents, signer=pki.signer, at=NOW)
    taken = verify(raw, pki)
    assert taken.members == {"decision.json": b'{"schema": "decision-package/1"}', **documents}
    assert (taken.digest, taken.size) == (sha256(raw), len(raw))
    assert taken.signer.fingerprint == fingerprint(pki.signer.certificate)
    assert taken.signer.anchor == fingerprint(pki.root.certificate)
    assert taken.signer.divisions == {Division.RPD, Division.RAD}
    assert taken.signer.subject == "CN=Test Signer,C=CA"
    assert taken.signer.revocation is Revocation.NO_SOURCE
    assert taken.signer.claimed_at == NOW


def test_the_same_input_builds_the_same_bytes_but_for_the_signature(pki: Pki) -> None:
    rsa_signer = pki.root.signer(key=pki.issuing.key)
    first, second = (build(b"{}", {"documents/a.pdf": b"x" * 999}, signer=rsa_signer, at=NOW) for _ in range(2))
    assert first == second


def test_a_document_that_does_not_deflate_is_stored(pki: Pki) -> None:
    noise = bytes((i * i * 31 + (i >> 7) * 17 + i // 3) % 256 for i in range(5000))
    raw = build(b"{}", {"documents/a.pdf": b"a" * 5000, "documents/b.pdf": noise[:3]}, signer=pki.signer, at=NOW)
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        kinds = {entry.filename: entry.compress_type for entry in opened.infolist()}
    assert kinds["documents/a.pdf"] == zipfile.ZIP_DEFLATED
    assert kinds["mimetype"] == kinds["documents/b.pdf"] == zipfile.ZIP_STORED


@pytest.mark.parametrize("path", ["META-INF/more.xml", "meta-inf/x", "../x", "mimetype", "decision.json/x", "a\\b"])
def test_a_document_at_a_place_of_its_own_meaning_is_not_built(path: str, pki: Pki) -> None:
    with pytest.raises(Exception, match=r"package\.member-(unsafe|duplicate)"):
        build(b"{}", {path: b""}, signer=pki.signer, at=NOW)


def replaced(name: str, content: bytes) -> Callable[[list[Entry]], list[Entry]]:
    return lambda members: [(entry, content if entry == name else old) for entry, old in members]


def without(name: str) -> Callable[[list[Entry]], list[Entry]]:
    return lambda members: [entry for entry in members if entry[0] != name]


def added(name: str) -> Callable[[list[Entry]], list[Entry]]:
    return lambda members: [*members, (name, b"x")]


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        (replaced("documents/reasons.pdf", b"other"), Code.PACKAGE_DIGEST_MISMATCH, "documents/reasons.pdf"),
        (replaced("decision.json", b"[]"), Code.PACKAGE_DIGEST_MISMATCH, "decision.json"),
        (replaced(MANIFEST, b"<x/>"), Code.SIGNATURE_INVALID, None),
        (replaced(SIGNATURE, b"\x30\x00"), Code.SIGNATURE_UNREADABLE, None),
        (replaced(SIGNATURE, b""), Code.SIGNATURE_UNREADABLE, None),
        (replaced("mimetype", b"application/vnd.etsi.asic-e+zip\n"), Code.PACKAGE_NOT_ASIC, None),
        (replaced("mimetype", b"application/vnd.etsi.asic-s+zip"), Code.PACKAGE_NOT_ASIC, None),
        (without("mimetype"), Code.PACKAGE_NOT_ASIC, None),
        (lambda members: [*members[1:], members[0]], Code.PACKAGE_NOT_ASIC, None),
        (without("documents/reasons.pdf"), Code.PACKAGE_MEMBER_MISSING, "documents/reasons.pdf"),
        (without("decision.json"), Code.PACKAGE_NO_DECISION, "decision.json"),
        (without(MANIFEST), Code.PACKAGE_MEMBER_MISSING, MANIFEST),
        (without(SIGNATURE), Code.SIGNATURE_MISSING, SIGNATURE),
        (added("documents/extra.pdf"), Code.PACKAGE_MEMBER_UNLISTED, "documents/extra.pdf"),
        (added("META-INF/manifest.xml"), Code.PACKAGE_MEMBER_UNLISTED, "META-INF/manifest.xml"),
        (added("Meta-Inf/signature2.p7s"), Code.PACKAGE_MEMBER_UNLISTED, "Meta-Inf/signature2.p7s"),
        (added("Documents/REASONS.pdf"), Code.PACKAGE_MEMBER_DUPLICATE, "Documents/REASONS.pdf"),
        (added("documents/%72easons.pdf"), Code.PACKAGE_MEMBER_DUPLICATE, "documents/%72easons.pdf"),
        (added("documents"), Code.PACKAGE_MEMBER_DUPLICATE, "documents/reasons.pdf"),
        (added("../evil"), Code.PACKAGE_MEMBER_UNSAFE, "../evil"),
        (added("documents/../../evil"), Code.PACKAGE_MEMBER_UNSAFE, "documents/../../evil"),
        (added("documents/%2e%2e/evil"), Code.PACKAGE_MEMBER_UNSAFE, "documents/%2e%2e/evil"),
        (added("/etc/passwd"), Code.PACKAGE_MEMBER_UNSAFE, "/etc/passwd"),
        (added("C:evil"), Code.PACKAGE_MEMBER_UNSAFE, "C:evil"),
        (added("documents\\evil"), Code.PACKAGE_MEMBER_UNSAFE, None),
        (added("documents//evil"), Code.PACKAGE_MEMBER_UNSAFE, None),
        (added("documents/./evil"), Code.PACKAGE_MEMBER_UNSAFE, None),
        (added("documents/evil. "), Code.PACKAGE_MEMBER_UNSAFE, None),
        (added("documents/e\nvil"), Code.PACKAGE_MEMBER_UNSAFE, "documents/e\\nvil"),
        (added("documents/fdp\u202e.exe"), Code.PACKAGE_MEMBER_UNSAFE, None),
        (added("documents/"), Code.PACKAGE_MEMBER_UNSAFE, "documents/"),
        (added("d" * 600), Code.PACKAGE_MEMBER_UNSAFE, None),
    ],
)
def test_a_changed_package_is_refused(
    change: Callable[[list[Entry]], list[Entry]], code: Code, where: str | None, pki: Pki
) -> None:
    with refused(code, where):
        verify(zipped(change(entries(pki.signer))), pki)


def test_two_spellings_of_one_accent_are_one_name(pki: Pki) -> None:
    contents = {**CONTENTS, "documents/d\u00e9cision.pdf": b"1", "documents/de\u0301cision.pdf": b"2"}
    with refused(Code.PACKAGE_MEMBER_DUPLICATE):
        verify(package(pki.signer, contents=contents), pki)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_stands_twice_is_refused(pki: Pki) -> None:
    with refused(Code.PACKAGE_MEMBER_DUPLICATE, "documents/reasons.pdf"):
        verify(zipped([*entries(pki.signer), ("documents/reasons.pdf", b"other")]), pki)


@pytest.mark.parametrize("mode", [0o120777, 0o040755, 0o020666], ids=["symbolic link", "folder", "device"])
def test_what_is_no_plain_file_is_refused(mode: int, pki: Pki) -> None:
    special = zipfile.ZipInfo("documents/x")
    special.external_attr = mode << 16
    with refused(Code.PACKAGE_MEMBER_UNSAFE, "documents/x"):
        verify(zipped([*entries(pki.signer), (special, b"/etc/passwd")]), pki)


def test_an_untrusted_package_is_refused_before_its_documents_are_inflated(pki: Pki) -> None:
    broken = replaced("documents/reasons.pdf", b"other")(entries(Authority.root().signer()))
    with refused(Code.SIGNER_UNKNOWN):
        verify(zipped(broken), pki)


def test_an_expired_signer_is_refused_whatever_time_it_claims(pki: Pki) -> None:
    signer = pki.issuing.signer(Order(name="Old", not_after=NOW - DAY))
    backdated = sign(manifest_of(), signer=signer, at=NOW - 2 * DAY, detached=True)
    with refused(Code.SIGNER_EXPIRED):
        verify(package(signer, signature=backdated), pki)


@pytest.mark.parametrize("days", [-101, -3650, 1, 266], ids=["before", "long before", "tomorrow", "after"])
def test_an_implausible_signing_time_is_refused(days: int, pki: Pki) -> None:
    signature = sign(manifest_of(), signer=pki.signer, at=NOW + days * DAY, detached=True)
    with refused(Code.SIGNATURE_TIME_IMPLAUSIBLE):
        verify(package(pki.signer, signature=signature), pki)


@pytest.mark.parametrize("minutes", [-60 * 24 * 90, 4])
def test_a_plausible_signing_time_is_recorded(minutes: int, pki: Pki) -> None:
    claimed = NOW + minutes * (DAY / 1440)
    signature = sign(manifest_of(), signer=pki.signer, at=claimed, detached=True)
    assert verify(package(pki.signer, signature=signature), pki).signer.claimed_at == claimed


def test_no_anchor_takes_nothing(pki: Pki) -> None:
    with refused(Code.SIGNER_UNKNOWN):
        VERIFIER.verify(package(pki.signer), anchors=[], at=NOW)


@pytest.mark.parametrize(
    "limits",
    [
        PackageLimits(package_bytes=1),
        PackageLimits(members=1),
        PackageLimits(member_bytes=1),
        PackageLimits(inflated_bytes=1),
        PackageLimits(signature_bytes=1),
    ],
    ids=str,
)
def test_what_was_accepted_opens_again_under_limits_that_would_refuse_it_now(pki: Pki, limits: PackageLimits) -> None:
    raw, strict = package(pki.signer), AsicVerifier(limits, RevocationRules())
    with pytest.raises(InputRefused):
        strict.verify(raw, anchors=[pki.anchor()], at=NOW)
    assert strict.unpack(raw) == verify(raw, pki).members


def test_what_was_accepted_still_opens_only_as_it_was_signed(pki: Pki) -> None:
    changed = zipped(replaced("documents/reasons.pdf", b"other")(entries(pki.signer)))
    with refused(Code.PACKAGE_DIGEST_MISMATCH, "documents/reasons.pdf"):
        VERIFIER.unpack(changed)
