"""Others' tools make what we take, and take what we make: openssl, zip, unzip and sha256sum."""

import base64
import io
import shutil
import subprocess
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.trust import TrustedAnchor, VerifiedPackage
from keys.asice import AsicVerifier
from keys.asice_build import build
from keys.asice_container import PackageLimits
from keys.cades_verify import verify_detached
from keys.revocation import RevocationRules
from keys.signing_key_file import load_signing_key
from keys.trust_files import read_anchor_file, read_crl
from tests.keys.conftest import anchor_of
from tests.keys.pki import Authority, Order, ca_order, key_pem, pem
from tests.keys.refusals import refused

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl"),
    pytest.mark.skipif(shutil.which("zip") is None, reason="needs zip"),
]

MANIFEST = """<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
  <asic:SigReference URI="META-INF/signature.p7s" MimeType="application/pkcs7-signature"/>
{}</asic:ASiCManifest>
"""
REFERENCE = """  <asic:DataObjectReference URI="{}">
    <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>{}</ds:DigestValue>
  </asic:DataObjectReference>
"""
MEMBERS = ("decision.json", "documents/reasons.pdf")


def run(command: str, folder: Path) -> str:
    done = subprocess.run(command.split(), cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout.decode()


class Hand:
    """A folder in which a package is made by hand, with nothing of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "documents").mkdir()
        (folder / "META-INF").mkdir()
        (folder / "mimetype").write_text("application/vnd.etsi.asic-e+zip")
        (folder / "decision.json").write_text('{"schema": "decision-package/1"}')
        (folder / "documents" / "reasons.pdf").write_bytes(b"%PDF-1.7\n" + b"0123456789\r\n" * 9000)
        run("openssl ecparam -name secp384r1 -genkey -noout -out root.key", folder)
        self._certificate("root", "-x509 -subj /CN=Root -addext keyUsage=critical,keyCertSign,cRLSign")
        for name, kind in (("rsa", "rsa:3072"), ("ec", "ec -pkeyopt ec_paramgen_curve:P-256")):
            run(f"openssl req -newkey {kind} -nodes -keyout {name}.key -out {name}.csr -subj /CN=Registry", folder)
            (folder / "extensions").write_text(
                "keyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\nsubjectKeyIdentifier=hash\n"
                "authorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n"
            )
            run(
                f"openssl x509 -req -in {name}.csr -CA root.pem -CAkey root.key -sha384 -days 30 -extfile extensions "
                f"-out {name}.pem",
                folder,
            )

    def _certificate(self, name: str, options: str) -> None:
        run(f"openssl req -new -key {name}.key -sha384 -days 30 -out {name}.pem {options}", self.folder)

    def package(self, sign: str, zipping: str = "zip -X -D -q package.asice") -> bytes:
        references = "".join(REFERENCE.format(name, self._digest(name)) for name in MEMBERS)
        (self.folder / "META-INF" / "ASiCManifest.xml").write_text(MANIFEST.format(references))
        run(
            f"openssl cms -sign -cades -binary -outform DER -in META-INF/ASiCManifest.xml -out META-INF/signature.p7s "
            f"{sign}",
            self.folder,
        )
        run("zip -X -0 -q package.asice mimetype", self.folder)
        run(
            f"{zipping} decision.json documents/reasons.pdf META-INF/ASiCManifest.xml META-INF/signature.p7s",
            self.folder,
        )
        return (self.folder / "package.asice").read_bytes()

    def _digest(self, name: str) -> str:
        hexadecimal = run(f"sha256sum {name}", self.folder).split()[0]
        return base64.b64encode(bytes.fromhex(hexadecimal)).decode()

    def anchor(self) -> TrustedAnchor:
        """The root, its fingerprint as openssl prints it."""
        (der,) = read_anchor_file((self.folder / "root.pem").read_bytes()).anchors
        printed = run("openssl x509 -in root.pem -noout -fingerprint -sha256", self.folder)
        fingerprint = printed.strip().partition("=")[2].replace(":", "").lower()
        return TrustedAnchor(certificate=der, fingerprint=fingerprint, divisions=frozenset(Division))


def verify(raw: bytes, *anchors: TrustedAnchor) -> VerifiedPackage:
    verifier = AsicVerifier(PackageLimits(), RevocationRules())
    return verifier.verify(raw, anchors=anchors, at=datetime.fromtimestamp(time.time() + 1, UTC))


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Hand:
    return Hand(tmp_path_factory.mktemp("hand"))


@pytest.mark.parametrize(
    "sign",
    [
        "-signer rsa.pem -inkey rsa.key",
        "-signer ec.pem -inkey ec.key",
        "-signer rsa.pem -inkey rsa.key -stream",
        "-signer ec.pem -inkey ec.key -stream -keyid",
        "-signer rsa.pem -inkey rsa.key -keyid -md sha512",
        "-signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss",
        "-signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32 -md sha256",
        "-signer ec.pem -inkey ec.key -certfile root.pem",
    ],
)
def test_a_package_made_by_hand_is_taken(sign: str, hand: Hand) -> None:
    taken = verify(hand.package(sign), hand.anchor())
    assert set(taken.members) == set(MEMBERS)
    assert taken.signer.subject == "CN=Registry"


@pytest.mark.parametrize(
    "zipping", ["zip -D -q package.asice", "zip -X -D -0 -q package.asice", "zip -X -D -9 -q package.asice"]
)
def test_every_way_to_zip_plain_files_is_taken(zipping: str, hand: Hand) -> None:
    (hand.folder / "package.asice").unlink(missing_ok=True)
    assert verify(hand.package("-signer ec.pem -inkey ec.key", zipping), hand.anchor()).members.keys() == set(MEMBERS)


@pytest.mark.parametrize(
    ("sign", "code"),
    [
        ("-signer rsa.pem -inkey rsa.key -signer ec.pem -inkey ec.key", Code.SIGNATURE_SEVERAL_SIGNERS),
        ("-signer rsa.pem -inkey rsa.key -md sha1", Code.SIGNATURE_ALGORITHM),
        ("-signer rsa.pem -inkey rsa.key -nocerts", Code.SIGNATURE_NO_SIGNER),
        ("-signer rsa.pem -inkey rsa.key -outform PEM", Code.SIGNATURE_UNREADABLE),
    ],
)
def test_openssl_signs_what_we_refuse(sign: str, code: Code, hand: Hand) -> None:
    with refused(code):
        verify(hand.package(sign), hand.anchor())


@pytest.mark.parametrize(
    ("options", "code"),
    [("-noattr", Code.SIGNATURE_ATTRIBUTES), ("", Code.SIGNATURE_ATTRIBUTES)],
    ids=["none", "no ESS"],
)
def test_a_signature_that_is_not_cades_is_refused(options: str, code: Code, hand: Hand) -> None:
    hand.package("-signer ec.pem -inkey ec.key")
    run(
        f"openssl cms -sign -binary -outform DER -in META-INF/ASiCManifest.xml -out META-INF/signature.p7s "
        f"-signer ec.pem -inkey ec.key {options}",
        hand.folder,
    )
    run("zip -X -q package.asice META-INF/signature.p7s", hand.folder)
    with refused(code):
        verify((hand.folder / "package.asice").read_bytes(), hand.anchor())


def test_openssl_takes_what_we_make(hand: Hand, tmp_path: Path) -> None:
    signer = load_signing_key((hand.folder / "rsa.key").read_bytes(), (hand.folder / "rsa.pem").read_bytes(), None)
    raw = build(b"{}", {"documents/reasons.pdf": b"%PDF" * 1000}, signer=signer, at=datetime.now(UTC))
    (tmp_path / "ours.asice").write_bytes(raw)
    run("unzip -q ours.asice", tmp_path)
    run(
        f"openssl cms -verify -cades -binary -inform DER -in META-INF/signature.p7s -content META-INF/ASiCManifest.xml "
        f"-CAfile {hand.folder}/root.pem -out verified.xml",
        tmp_path,
    )
    manifest = (tmp_path / "META-INF" / "ASiCManifest.xml").read_bytes()
    assert (tmp_path / "verified.xml").read_bytes() == manifest
    for member in ("decision.json", "documents/reasons.pdf"):
        digest = bytes.fromhex(run(f"sha256sum {member}", tmp_path).split()[0])
        assert base64.b64encode(digest) in manifest
    assert raw[30:69] == b"mimetypeapplication/vnd.etsi.asic-e+zip"
    run("zip -T ours.asice", tmp_path)


def test_a_revocation_list_of_openssl_revokes(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    order = ca_order("Root")
    order.not_before, order.not_after = now.replace(year=now.year - 1), now.replace(year=now.year + 1)
    root = Authority.root(order)
    signer = root.signer(Order(name="S", not_before=order.not_before, not_after=order.not_after))
    (tmp_path / "root.pem").write_bytes(pem(root.certificate))
    (tmp_path / "root.key").write_bytes(key_pem(root.key))
    (tmp_path / "signer.pem").write_bytes(pem(signer.certificate))
    (tmp_path / "index").write_text("")
    (tmp_path / "ca.cnf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha384\ndefault_crl_days=3\n")
    authority = "openssl ca -config ca.cnf -cert root.pem -keyfile root.key"
    raw = build(b"{}", {}, signer=signer, at=now)
    run(f"{authority} -gencrl -out before.crl", tmp_path)
    assert verify(raw, anchor_of(root, crls=(read_crl((tmp_path / "before.crl").read_bytes()),))).signer.anchor
    run(f"{authority} -revoke signer.pem", tmp_path)
    run(f"{authority} -gencrl -out after.crl", tmp_path)
    with refused(Code.SIGNER_REVOKED):
        verify(raw, anchor_of(root, crls=(read_crl((tmp_path / "after.crl").read_bytes()),)))


def test_a_long_manifest_that_was_streamed_is_read_from_its_pieces(hand: Hand, tmp_path: Path) -> None:
    content = b"<member/>" * 20_000
    (tmp_path / "content").write_bytes(content)
    run(
        f"openssl cms -sign -cades -binary -stream -outform DER -in content -out signature "
        f"-signer {hand.folder}/ec.pem -inkey {hand.folder}/ec.key",
        tmp_path,
    )
    signature = (tmp_path / "signature").read_bytes()
    assert content not in signature
    assert verify_detached(content, signature).certificate.subject.rfc4514_string() == "CN=Registry"
    with refused(Code.SIGNATURE_INVALID):
        verify_detached(content + b" ", signature)


def test_python_and_unzip_read_the_same_members_as_we_do(hand: Hand, tmp_path: Path) -> None:
    raw = hand.package("-signer ec.pem -inkey ec.key")
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        theirs = {name: package.read(name) for name in MEMBERS}
    assert verify(raw, hand.anchor()).members == theirs
