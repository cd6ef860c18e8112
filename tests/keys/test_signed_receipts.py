"""Signed receipts (RFC 2634): asked for where the profile says so; what `openssl cms -sign_receipt` answers is read."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.domain.receipt import AwaitedReceipt
from keys import cades
from keys.cades import SigningKey
from keys.signed_receipts import content_identifier, verify_signed_receipt
from keys.smime import SmimeProtector
from tests.keys.pki import NOW, Authority, Order, ec_key, key_pem, pem, rsa_key
from tests.keys.recipients import authority, der_of, openssl, recipient

REGISTRY = Authority.root()
SENDER = (x509.SubjectAlternativeName([x509.RFC822Name("registry@tribunal.test")]), False)
SIGNERS = {
    "P-256": lambda: REGISTRY.signer(Order(name="Mail", extensions=(SENDER,))),
    "P-384": lambda: REGISTRY.signer(Order(name="Mail", extensions=(SENDER,)), ec_key(ec.SECP384R1())),
    "RSA": lambda: REGISTRY.signer(Order(name="Mail", extensions=(SENDER,)), rsa_key("registry")),
}
ENTITY = b"Content-Type: text/plain\r\n\r\nWords.\r\n"


def answered(signer: SigningKey, folder: Path, *options: str) -> tuple[bytes, AwaitedReceipt, SigningKey]:
    """A message that asks, opened by its reader; and the receipt that their OpenSSL signs."""
    reader = recipient()
    protected = SmimeProtector(lambda: signer).protect(ENTITY, address=reader.address(signed_receipt=True), at=NOW)
    assert protected.awaited is not None
    part = openssl("cms", "-decrypt", "-inform", "DER", *reader.write(folder), content=der_of(protected))
    theirs = authority().signer(Order(name="Reader"))
    (folder / "theirs.pem").write_bytes(pem(theirs.certificate))
    (folder / "theirs.key").write_bytes(key_pem(theirs.private_key))
    sign: list[str | Path] = ["cms", "-sign_receipt", "-inform", "SMIME", "-outform", "DER", *options]
    receipt = openssl(*sign, "-signer", folder / "theirs.pem", "-inkey", folder / "theirs.key", content=part)
    return receipt, protected.awaited, theirs


@pytest.mark.real
@pytest.mark.parametrize("kind", SIGNERS)
def test_what_the_readers_openssl_signs_is_read(kind: str, tmp_path: Path) -> None:
    receipt, awaited, theirs = answered(SIGNERS[kind](), tmp_path)
    assert content_identifier(receipt) == awaited.content_identifier
    assert verify_signed_receipt(receipt, awaited).certificate == theirs.certificate


@pytest.mark.real
def test_openssl_sees_the_request_and_where_the_receipt_is_to_go(tmp_path: Path) -> None:
    signed, awaited = cades.sign_asking_for_receipt(
        ENTITY, signer=SIGNERS["P-256"](), at=NOW, to="registry@tribunal.test"
    )
    (tmp_path / "ca.pem").write_bytes(pem(REGISTRY.certificate))
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-receipt_request_print"]
    command += ["-attime", str(int(NOW.timestamp())), "-CAfile", str(tmp_path / "ca.pem")]
    done = subprocess.run(command, input=signed, capture_output=True, check=True)
    shown = done.stderr.decode()
    assert done.stdout == ENTITY
    assert "email:registry@tribunal.test" in shown
    assert "All" in shown
    assert awaited.content_identifier in "".join(re.findall(r"[0-9a-f]{2}(?=[ -])", shown))


@pytest.mark.real
def test_a_receipt_for_another_message_is_refused(tmp_path: Path) -> None:
    signer = SIGNERS["P-256"]()
    receipt, awaited, _ = answered(signer, tmp_path)
    _, other, _ = answered(signer, tmp_path)
    forged = replace(other, content_identifier=awaited.content_identifier)
    altered = [other, forged, replace(awaited, attributes=other.attributes), replace(awaited, signature="00" * 32)]
    for wrong in altered:
        with pytest.raises(InputRefused) as caught:
            verify_signed_receipt(receipt, wrong)
        assert caught.value.code is Code.RECEIPT_NOT_FOR_MESSAGE


@pytest.mark.real
def test_an_altered_or_cut_receipt_is_refused(tmp_path: Path) -> None:
    receipt, awaited, theirs = answered(SIGNERS["P-256"](), tmp_path, "-nocerts")
    with pytest.raises(InputRefused) as caught:  # who signed must be in it
        verify_signed_receipt(receipt, awaited)
    assert caught.value.code is Code.SIGNATURE_NO_SIGNER
    receipt, awaited, theirs = answered(SIGNERS["P-256"](), tmp_path)
    for position in range(0, len(receipt), 7):
        altered = bytearray(receipt)
        altered[position] ^= 1 << (position % 8)
        try:
            found = verify_signed_receipt(bytes(altered), awaited)
        except InputRefused:
            continue
        # Some bits say nothing, such as a version number: then it is the same receipt by the same reader.
        assert found.certificate.public_key() == theirs.certificate.public_key(), position
    for end in range(0, len(receipt), 11):
        with pytest.raises(InputRefused):
            verify_signed_receipt(receipt[:end], awaited)


def test_what_is_no_receipt_is_refused() -> None:
    awaited = AwaitedReceipt(content_identifier="00", signature="00", attributes="00")
    plain = cades.sign(ENTITY, signer=SIGNERS["P-256"](), at=NOW, detached=False)
    for raw, code in ((plain, Code.RECEIPT_UNREADABLE), (b"", Code.SIGNATURE_UNREADABLE)):
        for read in (content_identifier, lambda one: verify_signed_receipt(one, awaited)):
            with pytest.raises(InputRefused) as caught:
                read(raw)
            assert caught.value.code is code


def test_nobody_is_asked_whose_profile_does_not_say_so() -> None:
    reader = recipient()
    protected = SmimeProtector(SIGNERS["P-256"]).protect(ENTITY, address=reader.address(), at=NOW)
    assert protected.awaited is None


def test_each_message_is_named_anew() -> None:
    address = recipient().address(signed_receipt=True)
    protector = SmimeProtector(SIGNERS["P-256"])
    found = {protector.protect(ENTITY, address=address, at=NOW).awaited for _ in range(3)}
    assert len(found) == 3
