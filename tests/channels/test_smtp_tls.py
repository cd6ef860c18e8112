"""TLS to the mail server: required, to the pinned certificate, under the right name, or nothing is sent."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import Misconfigured, NotSent
from gateway.domain.reasons import Reason
from tests.channels import samples
from tests.real.certificates import Authority, Issued
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, running, server_context
from tests.real.time_limits import ending_once

NAME = "mx.test"
BAD_TLS = Misconfigured(reason=Reason.SMTP_TLS)


async def _send(server: FaultyServer, home: Path, size: int = 2000, **settings: object) -> AttemptResult:
    async with running(server):
        channel = samples.channel(None, home, **({"port": server.port, "ca": "ca.pem", "server_name": NAME} | settings))
        try:
            with ending_once(lambda: server.hangs):
                return await channel.send(samples.prepared(size=size))
        finally:
            await channel.close()


def _server(issued: Issued, tls: str, *faults: Fault) -> FaultyServer:
    return FaultyServer(tls=server_context(issued), implicit=tls == "implicit", faults=faults)


def _pin(home: Path, *authorities: Authority) -> None:
    (home / "ca.pem").write_bytes(b"".join(authority.own.pem for authority in authorities))


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("pinned", ["root", "issuing authority", "the certificate itself"])
def test_the_pinned_certificate_is_trusted_whatever_its_place_in_the_chain(
    tmp_path: Path, tls: str, pinned: str
) -> None:
    root = Authority.root()
    above = root if pinned == "root" else root.issuing()
    issued = above.server(NAME)
    _pin(tmp_path, Authority(issued) if pinned == "the certificate itself" else above)
    server = _server(issued, tls)
    assert isinstance(asyncio.run(_send(server, tmp_path, tls=tls)), HandedOver)
    assert len(server.accepted) == 1


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("wrong", ["another authority", "another name", "expired"])
def test_a_wrong_certificate_means_that_nothing_is_sent(tmp_path: Path, tls: str, wrong: str) -> None:
    root = Authority.root()
    _pin(tmp_path, Authority.root() if wrong == "another authority" else root)
    server = _server(root.server("mx.other.test" if wrong == "another name" else NAME, expired=wrong == "expired"), tls)
    result = asyncio.run(_send(server, tmp_path, tls=tls))
    assert replace(result, words="") == BAD_TLS
    assert server.accepted == []
    assert server.count("MAIL") == 0


def test_without_a_server_name_the_address_itself_must_be_certified(tmp_path: Path) -> None:
    root = Authority.root()
    _pin(tmp_path, root)
    good = asyncio.run(_send(_server(root.server("127.0.0.1"), "starttls"), tmp_path, tls="starttls", server_name=""))
    bad = asyncio.run(_send(_server(root.server(NAME), "starttls"), tmp_path, tls="starttls", server_name=""))
    assert isinstance(good, HandedOver)
    assert replace(bad, words="") == BAD_TLS


def test_a_server_that_does_not_offer_starttls_gets_nothing(tmp_path: Path) -> None:
    _pin(tmp_path, Authority.root())
    server = FaultyServer()
    result = asyncio.run(_send(server, tmp_path, tls="starttls"))
    assert replace(result, words="") == BAD_TLS
    assert [command.partition(" ")[0] for command in server.commands] in (["EHLO"], ["EHLO", "QUIT"])


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        ("454 4.7.0 TLS not available", NotSent(reason=Reason.SMTP_TEMPORARY)),
        ("502 no", BAD_TLS),
        (Do.DROP, NotSent(reason=Reason.SMTP_CONNECT)),
        (Do.HANG, NotSent(reason=Reason.SMTP_CONNECT)),
    ],
)
def test_a_failing_starttls_is_never_gone_around(
    tmp_path: Path, do: Do | str, expected: NotSent | Misconfigured
) -> None:
    root = Authority.root()
    _pin(tmp_path, root)
    server = _server(root.server(NAME), "starttls", Fault(At.STARTTLS, do))
    result = asyncio.run(_send(server, tmp_path, tls="starttls"))
    assert replace(result, words="") == expected
    assert server.count("MAIL") == 0


def test_an_end_that_is_lost_under_tls_is_uncertain_too(tmp_path: Path) -> None:
    root = Authority.root()
    _pin(tmp_path, root)
    server = _server(root.server(NAME), "starttls", Fault(At.END, Do.TAKE_AND_DROP))
    result = asyncio.run(_send(server, tmp_path, tls="starttls"))
    assert result.__class__.__name__ == "MaybeSent"
    assert len(server.accepted) == 1


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_message_larger_than_every_buffer_goes_through_tls(tmp_path: Path, tls: str) -> None:
    root = Authority.root()
    _pin(tmp_path, root)
    server = _server(root.server(NAME), tls)
    result = asyncio.run(_send(server, tmp_path, size=8_000_000, tls=tls))
    assert isinstance(result, HandedOver)
    assert len(server.accepted[0]) > 8_000_000


def test_a_large_message_cut_under_tls_before_its_dot_was_not_sent(tmp_path: Path) -> None:
    root = Authority.root()
    _pin(tmp_path, root)
    server = _server(root.server(NAME), "starttls", Fault(At.CONTENT, Do.HANG))
    result = asyncio.run(_send(server, tmp_path, size=15_000_000, tls="starttls"))
    assert replace(result, words="") == NotSent(reason=Reason.SMTP_CUT)
