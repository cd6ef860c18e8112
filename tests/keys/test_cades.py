"""Signing: what we write is what OpenSSL takes for CAdES."""

import datetime as dt
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys import cades
from keys.cades import SigningKey
from keys.cms.algorithms import PrivateKey
from tests.keys.pki import NOW, Authority, ec_key, pem, rsa_key

KEYS: Mapping[str, Callable[[], PrivateKey]] = {
    "rsa": lambda: rsa_key("signer"),
    "p-256": ec_key,
    "p-384": lambda: ec_key(ec.SECP384R1()),
    "p-521": lambda: ec_key(ec.SECP521R1()),
}


@pytest.mark.real
@pytest.mark.parametrize("detached", [True, False], ids=["detached", "opaque"])
@pytest.mark.parametrize("kind", KEYS)
def test_openssl_verifies_our_signature_as_cades(kind: str, detached: bool, tmp_path: Path) -> None:
    root = Authority.root()
    issuing = root.authority(key=rsa_key("issuing"))
    key = KEYS[kind]()
    content = b"a decision\nwith a line end\r\n"
    signature = cades.sign(content, signer=issuing.signer(key=key), at=NOW, detached=detached)
    (tmp_path / "root.pem").write_bytes(pem(root.certificate))
    (tmp_path / "content").write_bytes(content)
    (tmp_path / "signature").write_bytes(signature)
    command = [
        "openssl",
        "cms",
        "-verify",
        "-cades",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "signature",
        "-CAfile",
        "root.pem",
        "-out",
        "recovered",
    ]
    command += ["-attime", str(int(NOW.timestamp()))] + (["-content", "content"] if detached else [])
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "recovered").read_bytes() == content


def test_a_naive_signing_time_is_a_mistake_of_the_caller() -> None:
    signer = Authority.root().signer()
    with pytest.raises(ValueError, match="offset"):
        cades.sign(b"x", signer=signer, at=dt.datetime(2026, 1, 1), detached=True)  # noqa: DTZ001


def test_a_signing_time_from_2050_on_is_written_as_generalized_time() -> None:
    signature = cades.sign(
        b"x", signer=Authority.root().signer(), at=dt.datetime(2050, 1, 1, tzinfo=dt.UTC), detached=True
    )
    assert b"\x18\x0f20500101000000Z" in signature


def test_the_certificate_of_another_key_is_a_mismatch() -> None:
    signer = Authority.root().signer()
    with pytest.raises(InputRefused) as refused:
        SigningKey(private_key=ec_key(), certificate=signer.certificate)
    assert refused.value.code is Code.KEY_MISMATCH


@pytest.mark.parametrize("key", [rsa_key("short", 1024), ec_key(ec.SECP256K1())], ids=["rsa-1024", "secp256k1"])
def test_a_weak_key_does_not_sign(key: PrivateKey) -> None:
    with pytest.raises(InputRefused) as refused:
        Authority.root().signer(key=key)
    assert refused.value.code is Code.KEY_WEAK
