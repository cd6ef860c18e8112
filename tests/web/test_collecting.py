"""A recipient's own system: what is new since last time, single or as one ZIP, and what the record says of it."""

import io
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.exchange_tokens import MOST_TOKENS
from gateway.domain.problem import Conflict
from gateway.web import collecting
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.web.asgi import Caller
from tests.web.exchange_caller import caller

ENTRIES = "/api/v1/exchange/entries"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    stage.verified()
    yield stage
    stage.close()


@pytest.fixture
def brings(on: Exchanged) -> dict[str, Any]:
    """What the account's system brings with each request."""
    return {"headers": {"Authorization": f"Bearer {on.tokens.make(ACCOUNT).secret}"}}


@pytest.fixture
def machine(on: Exchanged) -> Caller:
    return caller(on)


def left(on: Exchanged, file: str) -> Delivery:
    """Another package, on that file."""
    return on.left(package_id=str(uuid.uuid4()), files=[{"number": file, "persons": ["p1"]}])


def takings(on: Exchanged, dispatch: str) -> list[Event]:
    with on.database.read() as tx:
        return [one for one in tx.records.events(dispatch) if one.name is EventName.EXCHANGE_TAKEN]


def test_only_what_is_new_since_the_cursor_is_listed_and_listing_takes_nothing(
    on: Exchanged, machine: Caller, brings: dict[str, Any]
) -> None:
    assert machine.request("GET", ENTRIES, **brings).json() == {"entries": [], "cursor": "", "more": False}
    on.left()
    first = machine.request("GET", ENTRIES, **brings).json()
    (entry,) = first["entries"]
    assert (entry["files"], entry["division"], entry["collected"]) == (["TC6-12345"], "RPD", False)
    assert first["cursor"] == entry["entry"]
    assert machine.request("GET", f"{ENTRIES}?since={first['cursor']}", **brings).json()["entries"] == []
    left(on, "TC6-99999")
    (second,) = machine.request("GET", f"{ENTRIES}?since={first['cursor']}", **brings).json()["entries"]
    assert second["files"] == ["TC6-99999"]
    assert not any(one.entry.taken for one in on.collect.all(ACCOUNT))


def test_one_document_is_taken_by_the_system_and_the_record_names_its_token(
    on: Exchanged, machine: Caller, brings: dict[str, Any]
) -> None:
    delivery = on.left()
    (entry,) = machine.request("GET", ENTRIES, **brings).json()["entries"]
    (document,) = entry["documents"]
    answer = machine.request("GET", f"{ENTRIES}/{entry['entry']}/documents/0", **brings)
    assert sha256(answer.content) == document["digest"]
    assert answer.headers["content-type"] == document["media_type"]
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
    (taken,) = takings(on, delivery.dispatch)
    (token,) = on.tokens.of(ACCOUNT)
    assert (taken.facts["token"], taken.facts["act"], token.used_at) == (token.id, "downloaded", on.clock.now())
    assert "delegate" not in taken.facts


def test_all_that_is_new_comes_as_one_zip_with_the_cursor_to_go_on_from(
    on: Exchanged, machine: Caller, brings: dict[str, Any]
) -> None:
    deliveries = [left(on, f"TC6-1234{one}") for one in range(3)]
    answer = machine.request("GET", f"{ENTRIES}.zip", **brings)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as members:
        assert members.testzip() is None
        assert {one.split("/")[0] for one in members.namelist()} == {one.entry.id for one in on.collect.all(ACCOUNT)}
    assert answer.headers[collecting.MORE] == "false"
    assert {on.delivery(one.id).state for one in deliveries} == {DeliveryState.DELIVERED}
    cursor = answer.headers[collecting.CURSOR]
    assert cursor == on.collect.all(ACCOUNT)[0].entry.id
    again = machine.request("GET", f"{ENTRIES}.zip?since={cursor}", **brings)
    with zipfile.ZipFile(io.BytesIO(again.content)) as members:
        assert members.namelist() == []


def test_more_than_a_page_comes_in_several_answers_and_none_twice(
    on: Exchanged, machine: Caller, brings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "PAGE", 2)
    for one in range(5):
        left(on, f"TC6-1234{one}")
    cursor, seen, more = "", [], True
    while more:
        answer = machine.request("GET", f"{ENTRIES}?since={cursor}", **brings).json()
        seen += [one["files"][0] for one in answer["entries"]]
        cursor, more = answer["cursor"], answer["more"]
    assert seen == [f"TC6-1234{one}" for one in range(5)]


def test_what_was_withdrawn_is_listed_as_that_and_cannot_be_taken(
    on: Exchanged, machine: Caller, brings: dict[str, Any]
) -> None:
    delivery = on.left()
    on.recall(delivery.dispatch, actor="alice", reason="the wrong counsel")
    (entry,) = machine.request("GET", ENTRIES, **brings).json()["entries"]
    assert entry["withdrawn_at"] is not None
    assert machine.request("GET", f"{ENTRIES}/{entry['entry']}/documents/0", **brings).status_code == 404
    with zipfile.ZipFile(io.BytesIO(machine.request("GET", f"{ENTRIES}.zip", **brings).content)) as members:
        assert members.namelist() == []


@pytest.mark.parametrize("since", ["nothing", "../../etc"])
def test_a_cursor_of_nobody_starts_from_the_first(
    on: Exchanged, machine: Caller, brings: dict[str, Any], since: str
) -> None:
    on.left()
    assert len(machine.request("GET", f"{ENTRIES}?since={since}", **brings).json()["entries"]) == 1


def test_an_account_has_so_many_tokens_and_each_change_is_told_by_mail(on: Exchanged) -> None:
    made = [on.tokens.make(ACCOUNT) for _ in range(MOST_TOKENS)]
    with pytest.raises(Conflict) as raised:
        on.tokens.make(ACCOUNT)
    assert raised.value.code is Code.EXCHANGE_TOO_MANY_TOKENS
    on.tokens.revoke(ACCOUNT, made[0].token.id)
    on.mail()
    told = [one.text for one in on.mailer.sent]
    assert len(told) == MOST_TOKENS + 1
    assert not any(one.secret in text or "link=" in text for one in made for text in told)
    assert not any(one.secret.encode() in (on.folder / "gateway.db").read_bytes() for one in made)
