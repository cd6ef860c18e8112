"""What ends ends: nothing more of a ZIP that was begun, and no session or token that comes to life again."""

import datetime as dt
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.parties import Language
from gateway.domain.problem import NotAuthenticated
from gateway.ports.papers import RenderedPapers
from gateway.store.engine import SqlDatabase
from gateway.store.exchange import SqlExchange
from gateway.store.exchange_tokens import SqlExchangeTokens
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged
from tests.store.on_postgresql import OnPostgresql

WHY = "sent to the wrong counsel"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def pages(papers: RenderedPapers) -> RenderedPapers:
    """Two of them."""
    (first,) = papers.documents
    return replace(papers, documents=(first, replace(first, name="b.pdf", content=first.content + b"b")))


def left(on: Exchanged, number: str = "TC6-12345") -> Delivery:
    """A decision of two papers on that file."""
    return on.left(package_id=str(uuid4()), files=[{"number": number, "persons": ["p1"]}])


def read(parts: list[bytes]) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def until(on: Exchanged, parts: Iterator[bytes], taken: int) -> list[bytes]:
    """What came, up to the moment at which that many documents were taken."""
    came: list[bytes] = []
    while sum(len(one.entry.taken) for one in on.collect.all(ACCOUNT)) < taken:
        came.append(next(parts))
    return came


def recalled(on: Exchanged, delivery: Delivery, _: str) -> None:
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)


def closed(on: Exchanged, _: Delivery, __: str) -> None:
    on.accounts.close(ACCOUNT, actor="clerk", reason=WHY)


def signed_out(on: Exchanged, _: Delivery, session: str) -> None:
    on.sign_in.leave(session)


def checked_again(on: Exchanged, _: Delivery, __: str) -> None:
    on.verified()


@pytest.mark.parametrize("ends", [recalled, closed, signed_out, checked_again])
def test_a_zip_that_was_begun_gives_no_further_document_once_it_may_not(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch, ends: Callable[[Exchanged, Delivery, str], None]
) -> None:
    one = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: pages(one(papers)))
    session = on.signed_in(on.verified()).secret
    delivery = left(on)
    entry = on.collect.all(ACCOUNT)[0].entry
    parts = on.collect.bundle(ACCOUNT, entry.id, session=session).parts
    came = until(on, parts, 1)
    ends(on, delivery, session)
    assert read([*came, *parts]) == [entry.documents[0].name]
    (after,) = on.collect.all(ACCOUNT)
    assert after.entry.taken == {entry.documents[0].digest}
    assert on.delivery(delivery.id).state is not DeliveryState.DELIVERED


def test_a_reader_who_takes_longer_than_a_page_may_be_left_alone_is_not_cut_off(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: pages(one(papers)))
    session = on.signed_in(on.verified()).secret
    delivery = left(on)
    parts = on.collect.bundle(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id, session=session).parts
    came = until(on, parts, 1)
    on.clock.move(dt.timedelta(hours=2))
    assert len(read([*came, *parts])) == 2
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED


def test_of_all_that_is_new_what_was_recalled_meanwhile_is_left_out_and_the_rest_comes(on: Exchanged) -> None:
    on.verified()
    token = on.tokens.make(ACCOUNT).token
    deliveries = [left(on, f"TC6-1000{n}") for n in range(3)]
    entries = [one.entry.id for one in on.collect.since(ACCOUNT, "")]
    parts = on.collect.all_since(ACCOUNT, "", token=token.id).parts
    came = until(on, parts, 1)
    on.recall(deliveries[1].dispatch, actor="clerk", reason=WHY)
    names = read([*came, *parts])
    assert [one.partition("/")[0] for one in names] == [entries[0], entries[2]]
    assert on.delivery(deliveries[1].id).state is DeliveryState.RECALLED


def test_a_token_that_is_revoked_in_the_middle_gives_nothing_more(on: Exchanged) -> None:
    on.verified()
    token = on.tokens.make(ACCOUNT).token
    for n in range(2):
        left(on, f"TC6-1000{n}")
    parts = on.collect.all_since(ACCOUNT, "", token=token.id).parts
    came = until(on, parts, 1)
    on.tokens.revoke(ACCOUNT, token.id)
    assert len(read([*came, *parts])) == 1


def meanwhile(monkeypatch: pytest.MonkeyPatch, store: type, name: str, act: Callable[[], Any]) -> None:
    """Another process does that just before the store is asked."""
    real = getattr(store, name)

    def asked(*given: Any) -> Any:
        monkeypatch.setattr(store, name, real)
        other = threading.Thread(target=act)
        other.start()
        other.join(30)
        assert not other.is_alive()
        return real(*given)

    monkeypatch.setattr(store, name, asked)


@pytest.mark.real
class TestOnPostgresql(OnPostgresql):
    """Where others write at the same moment."""

    @pytest.fixture
    def on(self, tmp_path: Path, database: SqlDatabase) -> Exchanged:
        """On PostgreSQL."""
        return Exchanged(tmp_path, database)

    @pytest.mark.parametrize("how", ["signed out", "checked again"])
    def test_a_session_that_ends_while_it_is_seen_stays_ended(
        self, on: Exchanged, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        session = on.signed_in(on.verified()).secret
        on.clock.move(dt.timedelta(minutes=2))
        ends = (lambda: on.sign_in.leave(session)) if how == "signed out" else on.verified
        meanwhile(monkeypatch, SqlExchange, "session_seen", ends)
        assert on.sign_in.who(session) is None
        assert on.sign_in.who(session) is None

    def test_a_token_that_is_revoked_while_it_is_used_stays_revoked(
        self, on: Exchanged, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on.verified()
        secret = on.tokens.make(ACCOUNT).secret
        on.clock.move(dt.timedelta(minutes=2))
        meanwhile(monkeypatch, SqlExchangeTokens, "used", lambda: check_anew(on))
        for _ in range(2):
            with pytest.raises(NotAuthenticated):
                on.tokens.caller(secret)


def check_anew(on: Exchanged) -> None:
    """Somebody stole what they hold."""
    on.accounts.verified(
        ACCOUNT, address=ADDRESS, language=Language.EN, method="video call", actor="alice", reason="stolen"
    )
