"""Where the time of an encrypted delivery goes: each step alone beside the bare library doing the same work, their sum,
and the whole as `bench_engine` measures it.

All of it is processor time, so that what else the machine does changes little; ratios change less. The whole is that of
the web and the workers: what the database's, the broker's and the mail server's own processes use stands beside it.
What lies between the sum of our steps and the whole is what no step alone shows: sealing at rest, files, planning,
hints, threads and loops.
"""

import asyncio
import hashlib
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiosmtplib
import psycopg
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from gateway.domain.delivery import HandedOver
from gateway.domain.outcomes import Division
from gateway.domain.parties import ContentEncryption, KeyTransport
from gateway.domain.trust import TrustedAnchor
from gateway.store.engine import SqlDatabase
from keys.asice import AsicVerifier
from keys.asice_build import build
from keys.asice_container import PackageLimits
from keys.revocation import RevocationPolicy, RevocationRules
from keys.smime import SmimeProtector
from keys.trust_files import read_anchor_file
from tests.bench import bench_email, bench_engine, bench_package, bench_papers, bench_store
from tests.channels import samples
from tests.contracts.samples import stored_deliveries
from tests.keys.pki import NOW, Authority, ec_key, pem, rsa_key
from tests.keys.recipients import recipient
from tests.real.postgresql import running_postgresql

_ROUNDS = 15
_MESSAGES = 100
_DELIVERIES = 400
_PARTICIPANTS = 2


@dataclass(frozen=True, kw_only=True)
class Step:
    """Milliseconds of processor time a delivery."""

    name: str
    ours: float
    bare: float


def main() -> None:
    """Prints the table."""
    paper = bench_papers._render(bench_papers.decision(30).encode())
    steps = (_verify(), _render(), _encrypt(paper), _send(len(paper) * 2), _record())
    whole = bench_engine.measure(bench_engine.PACKAGES)
    print(f"{'ms of processor time a delivery':48}{'ours':>9}{'bare':>9}{'ratio':>8}")
    for one in steps:
        _row(one.name, one.ours, one.bare)
    bare = sum(one.bare for one in steps)
    _row("the steps together", sum(one.ours for one in steps), bare)
    _row("the whole: web and workers", whole.each("web", "worker"), bare)
    beside = whole.each("postgresql", "redis", "postfix", "scheduler")
    print(f"beside it PostgreSQL, Redis, Postfix and the scheduler: {beside:.1f} ms")
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


def _row(name: str, ours: float, bare: float) -> None:
    print(f"{name:48}{ours:9.2f}{bare:9.2f}{ours / bare:8.2f}")


def _spent(work: Callable[[int], object]) -> float:
    """Milliseconds of processor time of the median round; round 0 warms up."""
    taken = []
    for number in range(_ROUNDS + 1):
        begun = time.process_time()
        work(number)
        taken.append((time.process_time() - begun) * 1000)
    return statistics.median(taken[1:])


def _verify() -> Step:
    """A package, once for all of its participants; bare: inflated and hashed, and three signatures verified."""
    root = Authority.root()
    issuing = root.authority(key=rsa_key("issuing"))
    signer = issuing.signer()
    (der,) = read_anchor_file(pem(root.certificate)).anchors
    anchor = TrustedAnchor(
        certificate=der,
        fingerprint=hashlib.sha256(der).hexdigest(),
        divisions=frozenset(Division),
        crls=(issuing.crl(), root.crl()),
    )
    documents = {"documents/reasons.md": bench_papers.decision(30).encode()}
    raw = build(b"{}", documents, signer=signer, at=NOW)
    verifier = AsicVerifier(PackageLimits(), RevocationRules(policy=RevocationPolicy.REQUIRED))
    key = ec_key()
    signature = key.sign(raw, ec.ECDSA(SHA256()))

    def bare(_: int) -> None:
        bench_package.bare(raw)
        key.public_key().verify(signature, raw, ec.ECDSA(SHA256()))
        signer.certificate.verify_directly_issued_by(issuing.certificate)
        issuing.certificate.verify_directly_issued_by(root.certificate)

    ours = _spent(lambda _: verifier.verify(raw, anchors=[anchor], at=NOW))
    return Step(name="verify the package", ours=ours / _PARTICIPANTS, bare=_spent(bare) / _PARTICIPANTS)


def _render() -> Step:
    """Six pages of reasons, with the letter and the notice; bare: the six pages by platypus, untagged."""

    def texts(number: int) -> str:
        return bench_papers.decision(30, number)

    return Step(
        name="render six pages, letter and notice",
        ours=_spent(lambda number: bench_papers._render(texts(number).encode())),
        bare=_spent(lambda number: bench_papers._bare_platypus(texts(number))),
    )


def _encrypt(paper: bytes) -> Step:
    """S/MIME with headers protected and the signature of CAdES; bare: cryptography's own PKCS #7, signed and sealed."""
    own, reader = Authority.root().signer(key=rsa_key("registry")), recipient("rsa-3072")
    protector = SmimeProtector(lambda: own)
    address = reader.address(KeyTransport.PKCS1V15, ContentEncryption.CBC)
    entity = b"Content-Type: application/octet-stream\r\n\r\n" + paper

    def bare(_: int) -> None:
        signing = PKCS7SignatureBuilder().set_data(entity).add_signer(own.certificate, own.private_key, SHA256())
        signed = signing.sign(Encoding.DER, [PKCS7Options.Binary])
        sealing = PKCS7EnvelopeBuilder().set_data(signed).add_recipient(reader.certificate)
        sealing.encrypt(Encoding.DER, [PKCS7Options.Binary])

    ours = _spent(lambda _: protector.protect(entity, address=address, at=NOW))
    return Step(name="sign and encrypt", ours=ours, bare=_spent(bare))


def _send(size: int) -> Step:
    """Over one warm connection to smtp-sink; bare: aiosmtplib."""

    async def ours(port: int) -> float:
        channel, message = samples.channel(port=port, connections=1), samples.prepared(size=size)
        assert isinstance(await channel.send(message), HandedOver)
        begun = time.process_time()
        for _ in range(_MESSAGES):
            assert isinstance(await channel.send(message), HandedOver)
        spent = time.process_time() - begun
        await channel.close()
        return spent

    async def bare(port: int) -> float:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        content = samples.prepared(size=size).payload
        await client.sendmail(samples.SENDER, [samples.ADDRESS], content)
        begun = time.process_time()
        for _ in range(_MESSAGES):
            await client.sendmail(samples.SENDER, [samples.ADDRESS], content)
        spent = time.process_time() - begun
        await client.quit()
        return spent

    with bench_email._sink() as port:
        mine, other = asyncio.run(ours(port)), asyncio.run(bare(port))
    return Step(name="send", ours=mine / _MESSAGES * 1000, bare=other / _MESSAGES * 1000)


def _record() -> Step:
    """Claim, start, end and receipt on PostgreSQL; bare: psycopg with the very same statements."""
    with running_postgresql() as server:
        names = [server.create()]
        database = SqlDatabase(server.url(names[0]), server.server)
        stored_deliveries(database, *({} for _ in range(_DELIVERIES)))
        database.close()
        with server.superuser() as connection:
            for _ in range(2):
                names.append(f"{names[0]}_{len(names)}")
                connection.execute(f"CREATE DATABASE {names[-1]} TEMPLATE {names[0]}")
        begun = time.process_time()
        bench_store._send_all(database, 1)
        ours = time.process_time() - begun
        recorded = bench_store._record(SqlDatabase(server.url(names[1]), server.server), 1)
        with server.superuser(names[2]) as bare:
            other = _replayed(bare, recorded)
    return Step(name="claim and record", ours=ours / _DELIVERIES * 1000, bare=other / _DELIVERIES * 1000)


def _replayed(connection: "psycopg.Connection[tuple[object, ...]]", recorded: "list[tuple[str, object]]") -> float:
    begun = time.process_time()
    bench_store._replay_on(connection, recorded)
    return time.process_time() - begun


if __name__ == "__main__":
    main()
