"""Every way a mail server can fail, against the real channel over real sockets: nothing twice, nothing lost.

Each row also says whether the server took the message. The rule that no row may break: the server has it only where
the channel says handed-over or maybe-sent.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import AttemptFailure, MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason
from tests.channels import samples
from tests.real.ports import free_port
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, running
from tests.real.time_limits import ending_once


async def _send(server: FaultyServer, *, size: int = 2000, home: Path = Path(), **settings: object) -> AttemptResult:
    async with running(server):
        channel = samples.channel(None, home, port=server.port, **settings)
        try:
            with ending_once(lambda: server.hangs):
                return await channel.send(samples.prepared(size=size))
        finally:
            await channel.close()


def _bare(result: AttemptResult) -> AttemptResult:
    return replace(result, words="")


TEMPORARY = NotSent(reason=Reason.SMTP_TEMPORARY)
BEFORE = NotSent(reason=Reason.SMTP_CONNECT)
CUT = NotSent(reason=Reason.SMTP_CUT)
UNCERTAIN = MaybeSent(reason=Reason.SMTP_UNCERTAIN)
REFUSED = Refused(reason=Reason.SMTP_REFUSED)
TOO_LARGE = Refused(reason=Reason.MESSAGE_TOO_LARGE)
NO_LOGIN = Misconfigured(reason=Reason.SMTP_AUTHENTICATION)

FAULTS: list[tuple[At, Do | str, AttemptFailure]] = [
    (At.GREETING, "421 4.3.2 closing", TEMPORARY),
    (At.GREETING, "450 later", TEMPORARY),
    (At.GREETING, "554 no service here", Misconfigured(reason=Reason.SMTP_CONNECT)),
    (At.GREETING, "SSH-2.0-OpenSSH_9.2", BEFORE),
    (At.GREETING, Do.DROP, BEFORE),
    (At.GREETING, Do.HANG, BEFORE),
    (At.EHLO, "421 4.3.2 closing", TEMPORARY),
    (At.EHLO, "451 later", TEMPORARY),
    (At.EHLO, "502 unknown", Misconfigured(reason=Reason.SMTP_CONNECT)),
    (At.EHLO, "hello yourself", BEFORE),
    (At.EHLO, Do.DROP, BEFORE),
    (At.EHLO, Do.HANG, BEFORE),
    (At.MAIL, "421 4.3.2 closing", TEMPORARY),
    (At.MAIL, "452 4.3.1 no room", TEMPORARY),
    (At.MAIL, "530 5.7.0 authentication required", NO_LOGIN),
    (At.MAIL, "550 5.1.8 sender", Misconfigured(reason=Reason.SMTP_SENDER_REFUSED)),
    (At.MAIL, "552 5.3.4 size", TOO_LARGE),
    (At.MAIL, "354 go on", CUT),
    (At.MAIL, "what", CUT),
    (At.MAIL, "\udcff\udcfe", CUT),
    (At.MAIL, Do.DROP, CUT),
    (At.MAIL, Do.HANG, CUT),
    (At.RCPT, "421 4.3.2 closing", TEMPORARY),
    (At.RCPT, "450 4.2.1 greylisted", TEMPORARY),
    (At.RCPT, "550 5.1.1 no such user", REFUSED),
    (At.RCPT, "552 5.2.2 mailbox full", REFUSED),
    (At.RCPT, "530 5.7.0 authentication required", NO_LOGIN),
    (At.RCPT, "99 luftballons", CUT),
    (At.RCPT, Do.DROP, CUT),
    (At.RCPT, Do.HANG, CUT),
    (At.DATA, "421 4.3.2 closing", TEMPORARY),
    (At.DATA, "451 4.3.0 later", TEMPORARY),
    (At.DATA, "554 5.5.1 no valid recipients", REFUSED),
    (At.DATA, "250 ok", CUT),
    (At.DATA, "!", CUT),
    (At.DATA, Do.DROP, CUT),
    (At.DATA, Do.HANG, CUT),
    (At.END, "421 4.3.2 closing", TEMPORARY),
    (At.END, "451 4.3.0 try again", TEMPORARY),
    (At.END, "550 5.7.1 content", REFUSED),
    (At.END, "552 5.3.4 size", TOO_LARGE),
    (At.END, "552 5.2.2 mailbox full", REFUSED),
    (At.END, "530 5.7.57 not authenticated", NO_LOGIN),
    (At.END, "354 go on", UNCERTAIN),
    (At.END, "what", UNCERTAIN),
    (At.END, Do.DROP, UNCERTAIN),
    (At.END, Do.HANG, UNCERTAIN),
    (At.END, Do.TAKE_AND_DROP, UNCERTAIN),
    (At.END, Do.TAKE_AND_HANG, UNCERTAIN),
]


@pytest.mark.parametrize(("at", "do", "expected"), FAULTS, ids=lambda value: repr(value)[:40])
def test_each_fault_has_its_one_meaning(at: At, do: Do | str, expected: AttemptFailure) -> None:
    server = FaultyServer(faults=(Fault(at, do),))
    result = asyncio.run(_send(server))
    assert _bare(result) == expected
    assert not server.accepted or isinstance(result, MaybeSent)
    assert server.count("MAIL") <= 1, "a message was begun twice"


@pytest.mark.parametrize("at", [At.GREETING, At.EHLO, At.MAIL, At.RCPT, At.DATA, At.END])
def test_every_stage_is_tried_with_every_kind_of_fault(at: At) -> None:
    tried = [do for stage, do, _ in FAULTS if stage is at]
    assert Do.DROP in tried
    assert Do.HANG in tried
    assert any(do[:1] == "4" for do in tried)
    assert any(do[:1] == "5" for do in tried)
    assert any(not do[:3].isdecimal() for do in tried if not isinstance(do, Do))


@pytest.mark.parametrize("do", [Do.DROP, Do.HANG])
def test_a_message_cut_before_its_ending_dot_was_not_sent(do: Do) -> None:
    server = FaultyServer(faults=(Fault(At.CONTENT, do),))
    result = asyncio.run(_send(server, size=15_000_000))  # more than the sockets' buffers hold: the dot stays here
    assert _bare(result) == CUT
    assert server.accepted == []


def test_a_small_message_cut_on_its_way_is_never_called_unsent_once_its_dot_was_written() -> None:
    server = FaultyServer(faults=(Fault(At.CONTENT, Do.HANG),))
    result = asyncio.run(_send(server, size=100))
    assert _bare(result) == UNCERTAIN


def test_a_refused_connection_is_not_sent() -> None:
    async def send() -> AttemptResult:
        return await samples.channel(port=free_port()).send(samples.prepared())

    assert _bare(asyncio.run(send())) == BEFORE


def test_a_good_server_takes_it_byte_for_byte_and_its_words_are_kept() -> None:
    server = FaultyServer()
    message = samples.prepared(content=b".leading dot\r\n..two\r\nplain.\r\n.\r\nend")

    async def send() -> AttemptResult:
        async with running(server):
            channel = samples.channel(port=server.port)
            try:
                return await channel.send(message)
            finally:
                await channel.close()

    assert asyncio.run(send()) == HandedOver(words="250 2.0.0 Ok: queued as 4F00", dsn_asked=True)
    assert server.accepted == [message.payload]


def test_a_carriers_undecodable_words_can_still_be_stored() -> None:
    server = FaultyServer(faults=(Fault(At.RCPT, "550 inconnu \udce9\x07"),))
    result = asyncio.run(_send(server))
    assert isinstance(result, Refused)
    assert result.words.encode("utf-8").startswith(b"550 inconnu ")
    assert "\x07" not in result.words


def test_dsn_is_asked_for_in_full_where_it_is_offered() -> None:
    server = FaultyServer()
    asyncio.run(_send(server))
    mail = next(command for command in server.commands if command.startswith("MAIL"))
    rcpt = next(command for command in server.commands if command.startswith("RCPT"))
    assert mail.endswith(" RET=HDRS ENVID=0123456789abcdef0123456789abcdef.1")
    assert rcpt == f"RCPT TO:<{samples.ADDRESS}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{samples.ADDRESS}"


def test_dsn_and_size_are_left_out_where_they_are_not_offered() -> None:
    server = FaultyServer(offers=())
    result = asyncio.run(_send(server))
    assert result == HandedOver(words="250 2.0.0 Ok: queued as 4F00", dsn_asked=False)
    assert f"MAIL FROM:<{samples.SENDER}>" in server.commands
    assert f"RCPT TO:<{samples.ADDRESS}>" in server.commands


def test_a_message_over_the_servers_limit_is_refused_without_being_offered() -> None:
    server = FaultyServer(offers=("SIZE 1000",))
    assert _bare(asyncio.run(_send(server))) == TOO_LARGE
    assert server.count("MAIL") == 0


@pytest.mark.parametrize("limit", ["SIZE", "SIZE 0", "SIZE many"])
def test_a_size_without_a_figure_limits_nothing(limit: str) -> None:
    assert isinstance(asyncio.run(_send(FaultyServer(offers=(limit,)))), HandedOver)


@pytest.mark.parametrize(
    ("offers", "fault", "expected"),
    [
        (("AUTH PLAIN",), None, None),
        (("AUTH LOGIN PLAIN",), None, None),
        ((), None, NO_LOGIN),
        (("AUTH GSSAPI",), None, NO_LOGIN),
        (("AUTH PLAIN",), "535 5.7.8 no", NO_LOGIN),
        (("AUTH PLAIN",), "534 5.7.9 too weak", NO_LOGIN),
        (("AUTH PLAIN",), "454 4.7.0 directory down", TEMPORARY),
        (("AUTH PLAIN",), "421 4.7.0 too often", TEMPORARY),
        (("AUTH PLAIN",), Do.DROP, BEFORE),
        (("AUTH LOGIN",), "454 4.7.0 directory down", TEMPORARY),
    ],
)
def test_logging_in(
    tmp_path: Path, offers: tuple[str, ...], fault: Do | str | None, expected: AttemptFailure | None
) -> None:
    (tmp_path / "password").write_text("geheim\n")
    server = FaultyServer(
        offers=offers, password=b"AGd3AGdlaGVpbQ==", faults=() if fault is None else (Fault(At.AUTH, fault),)
    )
    result = asyncio.run(_send(server, home=tmp_path, username="gw", password_file="password"))
    assert isinstance(result, HandedOver) if expected is None else _bare(result) == expected


def test_a_cancelled_send_returns_what_is_known_of_it() -> None:
    async def cancel_at(at: At) -> AttemptResult:
        async with running(FaultyServer(faults=(Fault(at, Do.HANG),))) as server:
            sending = asyncio.create_task(samples.channel(port=server.port).send(samples.prepared()))
            while not server.reached(at):
                await asyncio.sleep(0.01)
            sending.cancel()
            return await sending

    assert _bare(asyncio.run(cancel_at(At.RCPT))) == CUT
    assert _bare(asyncio.run(cancel_at(At.END))) == UNCERTAIN
