"""Forged, replayed, truncated, huge, nested and mis-encoded messages: all are kept, none stops the reader, and none
moves a delivery whose token it does not give back."""

import datetime as dt
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.encrypted_email.receipts.reader import MailReader
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.reference import token_of
from gateway.domain.report import Finding
from gateway.ports.incoming import Handling, Incoming
from tests.application.stage import PATIENCE, Stage
from tests.channels.receipts.messages import QMAIL, TOKEN, crlf, dsn, letter, mdn
from tests.contracts.fake_channel import FakeChannel


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    yield stage
    stage.close()


def sent(on: Stage) -> tuple[Delivery, str]:
    """A delivery that was handed over, and the token of its message."""
    delivery = on.ready()
    on.deliver()
    return on.delivery(delivery.id), token_of(on.attempts(delivery.id)[0].reference)


def of_ours(raw: bytes, token: str) -> bytes:
    """The message, with that token in place of the sample's."""
    return raw.replace(TOKEN.encode(), token.encode())


def in_a_bundle(raw: bytes) -> bytes:
    """The report as an enclosed message: somebody forwards it."""
    return crlf('From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="out"\n\n--out\n') + (
        crlf("Content-Type: message/rfc822\n\n") + raw + crlf("\n--out--\n")
    )


def hostile(token: str) -> dict[str, bytes]:
    """What somebody might send who does not know the token: the real one stands where it proves nothing."""
    guessed = token[:-1] + ("0" if token[-1] != "0" else "1")
    signed = 'Content-Type: application/pkcs7-mime; smime-type="signed-receipt"\nContent-Transfer-Encoding: base64'
    return {
        "forged, another token": of_ours(dsn(), secrets.token_hex(16)),
        "forged, nearly the token": of_ours(dsn(), guessed),
        "forged, no token": dsn(envelope_id="", message_id=""),
        "forged, the token in prose": letter(body=f"<{token}@tribunal.example> failed for good.", answers=""),
        "forged, a bounce in prose": of_ours(QMAIL, secrets.token_hex(16)),
        "forged, the token in a forwarded report": in_a_bundle(of_ours(dsn(), token)),
        "forged, a signed receipt": crlf(f"From: a@b.example\n{signed}\n\nMIIBAA==\n"),
        "truncated before the token": of_ours(dsn(), token)[:300],
        "nested": in_a_bundle(in_a_bundle(in_a_bundle(dsn()))),
        "nested beyond reading": crlf(
            "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3_000))
        ),
        "huge": b"From: a@b.example\r\n\r\n" + b"x" * 31_000_000,
        "a header of a million signs": b"To: " + b"a+" * 500_000 + b"@b.example\r\n\r\n",
        "mis-encoded": b"Subject: =?x?b?/?=\r\nContent-Type: text/plain; charset=\xff\r\n\r\n\x00\xff",
        "mis-encoded report": dsn(envelope_id="", message_id="").replace(b"Action:", b"Action:\xff\xfe"),
        "nothing": b"",
    }


def all_read(on: Stage) -> list[Incoming]:
    """Everything that came, read to its end."""
    read = on.reading(MailReader())
    for _ in range(3):
        while read(10):
            pass
        on.clock.move(PATIENCE + dt.timedelta(seconds=1))
    with on.database.read() as tx:
        return list(tx.incoming.find(handling=None, limit=1000))


def test_none_of_them_moves_a_delivery_and_a_good_report_behind_them_still_does(on: Stage) -> None:
    delivery, token = sent(on)
    messages = hostile(token)
    for name, raw in messages.items():
        assert on.keep(raw, source="mail") is not None, name
    good = on.keep(of_ours(dsn(), token), source="mail")
    assert good is not None
    came = all_read(on)
    assert len(came) == len(messages) + 1
    assert [one.id for one in came if one.delivery is not None] == [good.id]
    assert {one.handling for one in came} == {Handling.FOR_PERSON}
    assert on.delivery(delivery.id).state is DeliveryState.FAILED
    read = on.reading(MailReader())
    assert sorted(read.raw(one.id)[1] for one in came) == sorted([*messages.values(), of_ours(dsn(), token)])


def test_hostile_messages_alone_leave_the_delivery_as_it_was(on: Stage) -> None:
    delivery, token = sent(on)
    for raw in hostile(token).values():
        on.keep(raw, source="mail")
    all_read(on)
    assert on.delivery(delivery.id) == delivery
    assert on.deliver() == 0


def test_whoever_knows_the_token_costs_a_person_a_look_and_sends_nothing(on: Stage) -> None:
    """The recipient knows it, and may write what they like: it never makes the gateway send again."""
    delivery, token = sent(on)
    for raw in (dsn("delivered"), dsn("failed"), dsn("delivered", status="2.0.0"), mdn(), letter("X-Count: 2")):
        on.keep(of_ours(raw, token), source="mail")
    assert {one.delivery for one in all_read(on)} == {delivery.id}
    after = on.delivery(delivery.id)
    assert (after.state, after.settled) == (DeliveryState.FAILED, False)
    on.clock.move(dt.timedelta(days=9))
    on.reconcile(10)
    assert on.deliver() == 0


def test_a_replay_counts_once_however_often_it_comes(on: Stage) -> None:
    delivery, token = sent(on)
    raw = of_ours(dsn("relayed"), token)
    assert on.keep(raw, source="mail") is not None
    assert [on.keep(raw, source="mail") for _ in range(20)] == [None] * 20
    all_read(on)
    with on.database.read() as tx:
        receipts = tx.records.receipts_of([delivery.id])[delivery.id]
    assert [one.receipt.source for one in receipts] == ["fake", "mail"]


def test_a_report_cut_anywhere_never_says_more_than_the_whole(on: Stage) -> None:
    """A message cut short in transit may say nothing; it never turns a failure into a relay."""
    _, token = sent(on)
    raw = of_ours(dsn("failed"), token)
    found = {report.finding for cut in range(0, len(raw), 5) for report in MailReader().read(raw[:cut]).reports}
    assert found.isdisjoint({Finding.RELAYED, Finding.IN_MAILBOX, Finding.DISPLAYED, Finding.SIGNED})
