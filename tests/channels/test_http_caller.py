"""Calls over HTTP to a real receiver: what each answer means, and where a call never goes."""

import datetime as dt
import socket
from collections.abc import Sequence
from typing import Any

import pytest

from channels.http.caller import HttpCaller
from gateway.domain.calls import CallFault, is_this_machine, may_be_called, may_be_connected_to
from gateway.ports.calls import Request
from tests.real.ports import free_port
from tests.real.receiver import receiving

SECRET = "whsec_" + "A" * 32
STAMP = "1674087231"


def call(*urls: str, private: bool = False, seconds: float = 5) -> Sequence[CallFault | None]:
    """Calls each, unsigned."""
    caller = HttpCaller(time_limit=dt.timedelta(seconds=seconds), private=private)
    return caller(
        [Request(url=url, headers={"webhook-id": url, "webhook-timestamp": STAMP}, body=b"{}") for url in urls]
    )


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (200, None),
        (204, None),
        (302, CallFault.REDIRECTED),
        (404, CallFault.REFUSED),
        (410, CallFault.GONE),
        (429, CallFault.REFUSED),
        (503, CallFault.REFUSED),
        (None, CallFault.TIMED_OUT),
    ],
)
def test_what_an_answer_means(status: int | None, fault: CallFault | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.real.receiver.Webhook.verify", lambda *_: {})
    with receiving() as receiver:
        receiver.secret = SECRET
        receiver.answers = lambda _: status
        assert list(call(receiver.url, seconds=0.5 if status is None else 5)) == [fault]
        assert len(receiver.calls) == 1, "a redirect is not followed"


def test_one_that_hangs_or_is_away_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.real.receiver.Webhook.verify", lambda *_: {})
    with receiving() as receiver:
        receiver.secret = SECRET
        receiver.answers = lambda told: None if "hangs" in told else 204
        receiver.until = lambda: len(receiver.calls) == 3  # it answers, with a refusal, once the others have come
        urls = [f"{receiver.url}/hangs", f"http://127.0.0.1:{free_port()}/", receiver.url, receiver.url]
        assert list(call(*urls, seconds=60)) == [CallFault.REFUSED, CallFault.UNREACHABLE, None, None]


@pytest.mark.parametrize("url", ["https://10.1.2.3/", "https://169.254.169.254/latest", "https://[fd00::1]/"])
def test_an_address_that_is_not_for_everybody_is_not_called(url: str) -> None:
    assert list(call(url)) == [CallFault.NOT_ALLOWED]


def test_a_name_is_judged_by_where_it_leads_when_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def leads(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("127.0.0.1", "10.0.0.8")]

    monkeypatch.setattr(socket, "getaddrinfo", leads)
    assert list(call("https://nova.test/told")) == [CallFault.NOT_ALLOWED]
    assert asked == ["nova.test"]


@pytest.mark.parametrize(
    ("address", "allowed", "private"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("10.0.0.1", False, True),
        ("192.168.1.1", False, True),
        ("100.64.0.1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("fd12::1", False, True),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("240.0.0.1", False, False),
        ("::ffff:10.0.0.1", False, True),
        ("::ffff:169.254.169.254", False, False),
        ("2002:a9fe:a9fe::1", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("nova.test", False, False),
        ("2130706433", False, False),
    ],
)
def test_which_addresses_may_be_connected_to(address: str, *, allowed: bool, private: bool) -> None:
    assert may_be_connected_to(address, private=False) is allowed
    assert may_be_connected_to(address, private=True) is private


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://nova.test/told?from=gateway", True),
        ("http://127.0.0.1:8080/told", True),
        ("http://localhost/told", True),
        ("http://[::1]:9/told", True),
        ("http://nova.test/told", False),
        ("http://127.0.0.1.nova.test/", False),
        ("https://user:word@nova.test/", False),  # pragma: allowlist secret
        ("https://nova.test/#part", False),
        ("https:///told", False),
        ("https://nova.test:99999/", False),
        ("ftp://nova.test/", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_which_urls_may_be_called(url: str, *, may: bool) -> None:
    assert may_be_called(url) is may


def test_only_a_literal_loopback_address_or_localhost_is_this_machine() -> None:
    assert [one for one in ("127.0.0.9", "::1", "localhost", "localhost.nova.test") if is_this_machine(one)] == [
        "127.0.0.9",
        "::1",
        "localhost",
    ]
