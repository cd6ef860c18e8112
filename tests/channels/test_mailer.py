"""The gateway's own mails: a connection for a round of them, of which nothing is left, and results that no farewell
changes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest

from channels.mail import pool
from channels.mail.mailer import SmtpMailer
from channels.mail.server import MailServer, Tls
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import NotSent, Refused
from gateway.ports.mails import PlainLetter
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, in_thread

LETTER = PlainLetter(
    id="0123456789abcdef",
    address="counsel@gw.test",
    subject="A link",
    text="Here it is.\n",
    at=dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC),
)


OTHER = replace(LETTER, id="fedcba9876543210", address="registry@gw.test")


def sent(server: FaultyServer, *letters: PlainLetter) -> Sequence[AttemptResult]:
    """What each came to, in one round."""
    with in_thread(server):
        place = MailServer(host="127.0.0.1", port=server.port, tls=Tls.NONE, context=None, name="127.0.0.1")
        with SmtpMailer(place, "registry@tribunal.test").round() as send:
            return [send(letter) for letter in letters]


def test_a_mail_is_handed_over_and_leave_is_taken() -> None:
    server = FaultyServer()
    (result,) = sent(server, LETTER)
    assert isinstance(result, HandedOver)
    assert (server.connections, len(server.accepted), server.count("QUIT")) == (1, 1, 1)


def test_the_mails_of_a_round_go_by_one_connection() -> None:
    server = FaultyServer()
    assert [type(one) for one in sent(server, LETTER, OTHER, LETTER)] == [HandedOver] * 3
    assert (server.connections, len(server.accepted), server.count("QUIT")) == (1, 3, 1)


def test_one_that_is_refused_leaves_the_next_alone() -> None:
    server = FaultyServer(faults=(Fault(At.RCPT, "550 5.1.1 unknown", times=1),))
    refused, taken = sent(server, LETTER, OTHER)
    assert (type(refused), type(taken)) == (Refused, HandedOver)
    assert (server.connections, len(server.accepted)) == (1, 1)


@pytest.mark.parametrize("farewell", [Do.DROP, Do.HANG, "500 5.5.1 what?", "not SMTP at all"])
def test_whatever_becomes_of_the_farewell_the_mail_is_handed_over(
    farewell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_LEAVE_LIMIT", 0.2)
    server = FaultyServer(faults=(Fault(At.QUIT, farewell),))
    (result,) = sent(server, LETTER)
    assert isinstance(result, HandedOver)
    assert len(server.accepted) == 1


def test_a_mail_that_nobody_took_is_not_sent() -> None:
    server = FaultyServer(faults=(Fault(At.MAIL, Do.DROP),))
    (result,) = sent(server, LETTER)
    assert isinstance(result, NotSent)
    assert server.accepted == []
