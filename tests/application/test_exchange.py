"""What is left in the exchange is left once, collected by who was checked, and counts once it was taken."""

import asyncio
import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.exchange import leave
from gateway.application.sealed import data_key
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.digest import sha256
from gateway.domain.events import EventName
from gateway.domain.problem import NoSuchThing
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.ports.exchange import PaperToLeave
from gateway.ports.papers import RenderedPapers
from tests.application.exchanged import ACCOUNT, Exchanged

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def test_papers_are_left_and_the_handover_says_no_more_than_that(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    assert delivery.state is DeliveryState.HANDED_OVER
    with on.database.read() as tx:
        (receipt,) = tx.records.receipts_of([delivery.id])[delivery.id]
        (record,) = tx.records.documents(delivery.id)[1:]
    assert (receipt.receipt.event, receipt.receipt.source) == (ReceiptEvent.CONTENT_CONSIGNMENT, "exchange")
    (left,) = on.collect.all(ACCOUNT)
    assert left.conversation.files == ("TC6-12345",)
    assert [(one.digest, one.name) for one in left.entry.documents] == [(record.digest, record.name)]


def test_nothing_is_left_for_who_has_no_account(on: Exchanged) -> None:
    delivery = on.left()
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, Reason.EXCHANGE_NO_ACCOUNT)


def test_the_same_reference_leaves_it_once(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    (attempt,) = on.attempts(delivery.id)
    objects = on.objects()
    on.clock.move(MINUTE)
    papers = [PaperToLeave(name="x.pdf", media_type="application/pdf", content=b"other")]
    first = on.collect.all(ACCOUNT)[0].entry.left_at
    assert asyncio.run(on.leave.leave(attempt.reference, ACCOUNT, papers)) == first
    assert (len(on.collect.all(ACCOUNT)), on.objects()) == (1, objects)


def test_a_download_is_the_record_byte_for_byte_and_delivers(on: Exchanged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leave, "PART", 5)
    on.verified()
    delivery = on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    taken = on.collect.document(ACCOUNT, entry.id, 0)
    assert len(taken.document.parts) > 2
    content = b"".join(taken.parts)
    assert (sha256(content), len(content)) == (taken.document.digest, taken.document.size)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
    with on.database.read() as tx:
        receipt = tx.records.receipts_of([delivery.id])[delivery.id][-1]
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert receipt.receipt.event is ReceiptEvent.CONTENT_HANDOVER
    assert receipt.object_name is not None
    raw = on.vault.get(key, contexts.taken(receipt.id), receipt.object_name)
    assert sha256(raw) == receipt.receipt.evidence
    seen = json.loads(raw)
    assert (seen["account"], seen["act"], seen["document"]) == (ACCOUNT, "downloaded", taken.document.digest)


def test_all_documents_come_as_one_zip_and_each_counts_once_it_was_taken(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leave, "PART", 5)
    drawn = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: with_names(drawn(papers), "TC6_Decision.pdf", "é.pdf"))
    session = on.signed_in(on.verified()).secret
    delivery = on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    bundle = on.collect.bundle(ACCOUNT, entry.id, session=session)
    pieces, standing = [], set()
    for piece in bundle.parts:
        pieces.append(piece)
        standing.add((len(on.collect.all(ACCOUNT)[0].entry.taken), on.delivery(delivery.id).state))
    assert max(map(len, pieces)) < 300, "no more than a part and the heads around it"
    assert {(0, DeliveryState.HANDED_OVER), (1, DeliveryState.HANDED_OVER), (2, DeliveryState.DELIVERED)} == standing
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        taken = {one.filename: sha256(archive.read(one)) for one in archive.infolist()}
    assert taken == {one.name: one.digest for one in entry.documents}
    assert bundle.name == "TC6_Decision.zip"
    with pytest.raises(NoSuchThing):
        on.collect.bundle("other", entry.id, session=session)


def test_of_a_zip_that_breaks_off_the_documents_that_came_whole_are_taken(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leave, "PART", 5)
    drawn = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: with_names(drawn(papers), "a.pdf", "b.pdf"))
    session = on.signed_in(on.verified()).secret
    delivery = on.left()
    parts = on.collect.bundle(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id, session=session).parts
    while not on.collect.all(ACCOUNT)[0].entry.taken:
        next(parts)
    del parts
    assert len(on.collect.all(ACCOUNT)[0].entry.taken) == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER


def with_names(papers: RenderedPapers, *names: str) -> RenderedPapers:
    """A document of each name, with content of its own."""
    (first,) = papers.documents
    return replace(
        papers,
        documents=tuple(replace(first, name=one, content=first.content + one.encode()) for one in names),
    )


def test_a_download_that_breaks_off_is_no_taking(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    parts = on.collect.document(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id, 0).parts
    next(parts)
    del parts
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert on.collect.all(ACCOUNT)[0].entry.taken == frozenset()


def test_an_acknowledgment_delivers_and_counts_once(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    on.collect.acknowledge(ACCOUNT, entry.id)
    on.collect.acknowledge(ACCOUNT, entry.id)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
    with on.database.read() as tx:
        events = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.EXCHANGE_TAKEN]
    assert [one.facts["act"] for one in events] == ["acknowledged"]


def test_what_is_anothers_is_answered_as_what_does_not_exist(on: Exchanged) -> None:
    on.verified()
    on.verified("other", "other@gw.test")
    on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    for account, entry_id, place in (("other", entry.id, 0), (ACCOUNT, "f" * 32, 0), (ACCOUNT, entry.id, 1)):
        with pytest.raises(NoSuchThing) as raised:
            on.collect.document(account, entry_id, place)
        assert raised.value.code is Code.EXCHANGE_NOTHING_THERE
    with pytest.raises(NoSuchThing):
        on.collect.acknowledge("other", entry.id)
    assert on.collect.all("other") == []
