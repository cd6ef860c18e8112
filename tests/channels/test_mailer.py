"""The gateway's own mails: a connection for each, of which nothing is left, and a result that no farewell changes."""

import datetime as dt

import pytest

from channels.mail import mailer
from channels.mail.mailer import SmtpMailer
from channels.mail.server import MailServer, Tls
from gateway.domain.delivery import HandedOver
from gateway.domain.failures import NotSent
from gateway.ports.mails import PlainLetter
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, in_thread

LETTER = PlainLetter(
    id="0123456789abcdef",
    address="counsel@gw.test",
    subject="A link",
    text="Here it is.\n",
    at=dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC),
)


def sent(server: FaultyServer) -> object:
    with in_thread(server):
        place = MailServer(host="127.0.0.1", port=server.port, tls=Tls.NONE, context=None, name="127.0.0.1")
        return SmtpMailer(place, "registry@tribunal.test").send(LETTER)


def test_a_mail_is_handed_over_and_leave_is_taken() -> None:
    server = FaultyServer()
    assert isinstance(sent(server), HandedOver)
    assert (server.connections, len(server.accepted), server.count("QUIT")) == (1, 1, 1)


@pytest.mark.parametrize("farewell", [Do.DROP, Do.HANG, "500 5.5.1 what?", "not SMTP at all"])
def test_whatever_becomes_of_the_farewell_the_mail_is_handed_over(
    farewell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailer, "_LEAVE_SECONDS", 0.2)
    server = FaultyServer(faults=(Fault(At.QUIT, farewell),))
    assert isinstance(sent(server), HandedOver)
    assert len(server.accepted) == 1


def test_a_mail_that_nobody_took_is_not_sent() -> None:
    server = FaultyServer(faults=(Fault(At.MAIL, Do.DROP),))
    assert isinstance(sent(server), NotSent)
    assert server.accepted == []
