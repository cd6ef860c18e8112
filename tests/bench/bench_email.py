"""Encrypted e-mail beside the bare libraries: composing beside `EmailMessage.as_bytes`, sending beside aiosmtplib.

The sink is Postfix's `smtp-sink`, a process of its own. Encryption is measured elsewhere: here the protector is the
stand-in, so that what this channel adds is seen.
"""

import asyncio
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage

import aiosmtplib

from channels.encrypted_email.compose import Envelope, inner_entity, outer_message
from gateway.domain.addresses import MailAddress
from gateway.domain.delivery import HandedOver
from gateway.ports.channels import Consignment
from tests.channels import samples
from tests.real import need
from tests.real.ports import free_port

_MESSAGE = 307_000  # octets, as in facts/crypto-mail.md §5
_COUNT = 300


def main() -> None:
    """Prints the table."""
    print(f"{'':46}{'ours':>10}{'bare':>10}{'ratio':>8}")
    for size in (200_000, 5_000_000):
        _row(f"inner entity, {size:,} octets, ms", *_composing(size))
        _row(f"outer message, {size:,} octets, ms", *_wrapping(size))
    with _sink() as port:
        for connections in (1, 4):
            ours = asyncio.run(_ours(port, connections))
            bare = asyncio.run(_bare(port, connections))
            _row(f"{_MESSAGE:,} octets to smtp-sink x{connections}, msg/s", ours, bare)
    _print_growth()


def _row(what: str, ours: float, bare: float) -> None:
    print(f"{what:46}{ours:10.1f}{bare:10.1f}{ours / bare:8.2f}")


def _milliseconds(work: Callable[[], object]) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return (time.perf_counter() - start) * 1000

    return statistics.median(once() for _ in range(7))


def _envelope(consignment: Consignment) -> Envelope:
    return Envelope(
        reference=consignment.reference,
        sender=MailAddress.parse(samples.SENDER),
        recipient=MailAddress.parse(samples.ADDRESS),
        at=samples.AT,
    )


def _composing(size: int) -> tuple[float, float]:
    consignment = samples.consignment(samples.document(os.urandom(size)))
    envelope = _envelope(consignment)

    def bare() -> bytes:
        message = _headed(consignment)
        message.set_content(consignment.message.text)
        message.add_attachment(
            consignment.documents[0].content, maintype="application", subtype="pdf", filename="document.pdf"
        )
        return message.as_bytes()

    return _milliseconds(lambda: inner_entity(envelope, consignment)), _milliseconds(bare)


def _wrapping(size: int) -> tuple[float, float]:
    consignment = samples.consignment()
    envelope, wrapped = _envelope(consignment), os.urandom(size)

    def bare() -> bytes:
        message = _headed(consignment)
        message.set_content(wrapped, maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
        return message.as_bytes()

    return _milliseconds(lambda: outer_message(envelope, wrapped)), _milliseconds(bare)


def _headed(consignment: Consignment) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = samples.SENDER, samples.ADDRESS, consignment.message.subject
    return message


@contextmanager
def _sink() -> Generator[int]:
    port = free_port()
    command = [need.program("smtp-sink", "postfix"), *(["-u", "postfix"] if os.geteuid() == 0 else [])]
    with subprocess.Popen([*command, f"127.0.0.1:{port}", "100"]) as process:
        time.sleep(0.3)
        try:
            yield port
        finally:
            process.terminate()


async def _ours(port: int, connections: int) -> float:
    channel = samples.channel(port=port, connections=connections)
    message = samples.prepared(size=_MESSAGE)

    async def send() -> None:
        assert isinstance(await channel.send(message), HandedOver)

    rate = await _rate(send, connections)
    await channel.close()
    return rate


async def _bare(port: int, connections: int) -> float:
    clients: asyncio.Queue[aiosmtplib.SMTP] = asyncio.Queue()
    for _ in range(connections):
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        clients.put_nowait(client)
    content = samples.prepared(size=_MESSAGE).payload

    async def send() -> None:
        client = await clients.get()
        await client.sendmail(samples.SENDER, [samples.ADDRESS], content)
        clients.put_nowait(client)

    rate = await _rate(send, connections)
    while not clients.empty():
        await clients.get_nowait().quit()
    return rate


async def _rate(send: Callable[[], Coroutine[None, None, None]], connections: int) -> float:
    async def several() -> None:
        for _ in range(_COUNT // connections):
            await send()

    start = time.perf_counter()
    await asyncio.gather(*(several() for _ in range(connections)))
    return _COUNT / (time.perf_counter() - start)


def _print_growth() -> None:
    consignment = samples.consignment(samples.document(os.urandom(1_000_000)))
    inner = len(inner_entity(_envelope(consignment), consignment))
    print(f"growth of 1 MB by the inner entity: {inner / 1_000_000:.3f}; three times base64: {(inner / 1e6) ** 3:.2f}")


if __name__ == "__main__":
    main()
