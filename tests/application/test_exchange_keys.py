"""The holder of an account puts their own key forward: nothing changes before two people of the Registry agreed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import Request

from gateway.application.exchange.own_keys import MOST_WAITING
from gateway.application.people.staff import new_secret
from gateway.domain.accounts import AccountRole
from gateway.domain.codes import Code
from gateway.domain.events import EventName
from gateway.domain.parties import ChannelName, Recipient, RecipientChannel
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, NotAllowed, Problem
from gateway.domain.proposals import Caution, ChangeKind, ProposalState
from gateway.web.safety import form_token
from gateway.web.uploads import form_with_file
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged
from tests.web.exchange_caller import as_who, caller, form_of

KEY = b"-----BEGIN CERTIFICATE-----\nof counsel\n"
SEEN = "compared by telephone"


@pytest.fixture
def signed_in(tmp_path: Path) -> Iterator[tuple[Exchanged, str]]:
    """The stage, and the session of the account's holder."""
    stage = Exchanged(tmp_path)
    session = stage.signed_in(stage.verified()).secret
    stage.mailer.sent.clear()
    stage.recipients(way=RecipientChannel(type="secure-upload", account=ACCOUNT))
    for name in ("alice", "bob"):
        roles = frozenset({AccountRole.ADMINISTRATOR, AccountRole.APPROVER})
        stage.staff.add(name, roles, digest=new_secret().digest, actor="alice", reason=None)
    yield stage, session
    stage.close()


@pytest.fixture
def on(signed_in: tuple[Exchanged, str]) -> Exchanged:
    return signed_in[0]


@pytest.fixture
def session(signed_in: tuple[Exchanged, str]) -> str:
    return signed_in[1]


def entry(on: Exchanged) -> Recipient:
    (found,) = on.directory.all()
    return found


def waiting(on: Exchanged) -> str:
    """The one proposal that is open."""
    (found,) = on.approvals.all(open_only=True)
    return found.id


def refused(problem: type[Problem], code: Code) -> "pytest.RaisesExc[Problem]":
    return pytest.raises(problem, check=lambda error: error.code is code)


def test_nothing_changes_before_two_people_of_the_registry_agreed(on: Exchanged) -> None:
    on.own_keys.put_forward(ACCOUNT, KEY, fingerprint=None)
    proposal = waiting(on)
    found, *_ = on.approvals.look(proposal)
    assert (found.kind, found.proposed_by) == (ChangeKind.OWN_KEY, f"exchange:{ACCOUNT}")
    assert Caution.OWN_KEY in found.cautions
    assert entry(on).channel(ChannelName.ENCRYPTED_EMAIL) is None
    first = on.approvals.approve(proposal, actor="alice", reason=SEEN)
    assert (first.state, first.seconded_by) == (ProposalState.OPEN, "alice")
    assert entry(on).channel(ChannelName.ENCRYPTED_EMAIL) is None
    with refused(NotAllowed, Code.APPROVAL_OWN):
        on.approvals.approve(proposal, actor="alice", reason="once more")
    assert on.approvals.approve(proposal, actor="bob", reason=SEEN).state is ProposalState.APPROVED
    way = entry(on).channel(ChannelName.ENCRYPTED_EMAIL)
    assert way is not None
    assert (way.certificate, way.address) == (KEY, ADDRESS), "to the mailbox that the Registry checked"
    (pin,) = on.directory.pins(entry(on).id)
    assert (pin.pinned_by, pin.approved_by) == (f"exchange:{ACCOUNT}", "bob")
    with on.database.read() as tx:
        named = [(one.name, one.actor) for one in tx.records.events_besides(EventName.CHANGE_SECONDED)]
    assert named == [(EventName.CHANGE_SECONDED, "alice")]


def test_one_person_may_refuse_it_and_who_put_it_forward_is_told_by_mail_that_somebody_did(on: Exchanged) -> None:
    on.own_keys.put_forward(ACCOUNT, KEY, fingerprint=None)
    on.mail()
    assert [(one.address, "key was put forward" in one.subject) for one in on.mailer.sent] == [(ADDRESS, True)]
    assert "of counsel" not in on.mailer.sent[-1].text
    assert on.approvals.refuse(waiting(on), actor="alice", reason="not theirs").state is ProposalState.REFUSED
    assert entry(on).channel(ChannelName.ENCRYPTED_EMAIL) is None


def test_even_before_there_is_a_second_person_it_is_not_taken_at_once(tmp_path: Path) -> None:
    on = Exchanged(tmp_path)
    on.verified()
    on.recipients(way=RecipientChannel(type="secure-upload", account=ACCOUNT))
    on.own_keys.put_forward(ACCOUNT, KEY, fingerprint=None)
    assert entry(on).channel(ChannelName.ENCRYPTED_EMAIL) is None
    assert len(on.approvals.all(open_only=True)) == 1
    on.close()


def test_what_is_no_key_is_refused_and_what_waits_is_bounded(on: Exchanged) -> None:
    with refused(InputRefused, Code.KEY_UNREADABLE):
        on.own_keys.put_forward(ACCOUNT, b"-----BEGIN PRIVATE KEY-----", fingerprint=None)  # pragma: allowlist secret
    for number in range(MOST_WAITING):
        on.own_keys.put_forward(ACCOUNT, KEY + bytes([48 + number]), fingerprint=None)
    with refused(Conflict, Code.EXCHANGE_TOO_MANY_KEYS):
        on.own_keys.put_forward(ACCOUNT, KEY + b"more", fingerprint=None)
    with refused(NoSuchThing, Code.EXCHANGE_NOTHING_THERE):
        on.own_keys.put_forward("nobody", KEY, fingerprint=None)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_takes_a_file_or_its_text_and_says_what_becomes_of_it(
    on: Exchanged, session: str, language: str
) -> None:
    browser, page = caller(on), f"/exchange/{language}/keys"
    form = form_of(browser.get(page, **as_who(session)))
    sent = browser.request(
        "POST", page, **as_who(session), data={"form": form, "fingerprint": ""}, files={"file": ("own.pem", KEY)}
    )
    assert (sent.status_code, sent.headers["location"]) == (303, f"{page}?done=waits")
    text = browser.request(
        "POST", page, **as_who(session), data={"form": form, "text": (KEY + b"2").decode()}, files={"file": ("", b"")}
    )
    assert text.status_code == 303
    assert len(on.approvals.all(open_only=True)) == 2
    told = browser.get(f"{page}?done=waits", **as_who(session)).text
    assert told.count("<li>") == 2


@pytest.mark.parametrize("change", ["another session", "no form", "too large", "no multipart"])
def test_a_form_that_is_not_of_that_session_puts_nothing_forward(on: Exchanged, session: str, change: str) -> None:
    browser = caller(on)
    form = form_of(browser.get("/exchange/en/keys", **as_who(session)))
    data = {"form": "0" * 64 if change == "another session" else form}
    given = {"data": data, "files": {"file": ("own.pem", KEY * (4000 if change == "too large" else 1))}}
    if change == "no form":
        given["data"] = {}
    if change == "no multipart":
        given = {"data": data}
    answer = browser.request("POST", "/exchange/en/keys", **as_who(session), **given)
    assert answer.status_code == 404
    assert on.approvals.all(open_only=True) == []


@pytest.mark.parametrize("raw", [bytes(range(256)) * 3, b"\r\n\r\n\n\r", b"--x\r\n--", b"\x00"])
def test_a_file_arrives_byte_for_byte(raw: bytes) -> None:
    """DER is no text: what an e-mail library reads of it must be what was sent."""
    sent = httpx.Request("POST", "http://x", data={"form": form_token("s")}, files={"file": ("own.der", raw)})
    body = sent.read()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    headers = [(name.lower().encode(), value.encode()) for name, value in sent.headers.items()]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    assert asyncio.run(form_with_file(request, "s", most=len(raw), fields=2)).files == {"file": raw}
