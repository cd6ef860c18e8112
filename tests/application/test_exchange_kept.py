"""What the exchange keeps: on record under standard names, sealed under its own key, and gone with its package."""

import datetime as dt
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.dates.receipt_rules import patience_rules
from gateway.application.retention.outlived_keys import OutlivedKeys
from gateway.application.sealed import data_key
from gateway.domain.events import EventName
from gateway.domain.exchange_patience import find_patience
from gateway.domain.outcomes import Division
from gateway.domain.problem import NoSuchThing
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.report import Finding
from gateway.domain.retention import FLOOR_YEARS
from gateway.ports.incoming import Handling
from tests.application.exchanged import ACCOUNT, Exchanged, damage

RULE = find_patience(patience_rules(), Division.RPD)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def test_every_step_is_on_record_under_its_standard_name_with_its_evidence(on: Exchanged) -> None:
    code = on.verified()
    delivery = on.left()
    on.mail()
    on.signed_in(code)
    for _ in range(2):
        on.collect.were_listed(ACCOUNT, on.collect.all(ACCOUNT))
    (left,) = on.collect.all(ACCOUNT)
    on.clock.move(RULE.patience)
    on.uncollected(10)
    b"".join(on.collect.document(ACCOUNT, left.entry.id, 0).parts)
    on.collect.acknowledge(ACCOUNT, left.entry.id)
    with on.database.read() as tx:
        receipts = tx.records.receipts_of([delivery.id])[delivery.id]
        events = [one.name for one in tx.records.events(delivery.dispatch)]
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert [one.receipt.event for one in receipts] == [
        ReceiptEvent.CONTENT_CONSIGNMENT,
        ReceiptEvent.CONSIGNMENT_NOTIFICATION,
        ReceiptEvent.CONTENT_HANDOVER_FAILURE,
        ReceiptEvent.CONTENT_HANDOVER,
        ReceiptEvent.CONTENT_HANDOVER,
    ]
    seen = [json.loads(on.vault.get(key, contexts.taken(one.id), one.object_name or "")) for one in receipts[1:]]
    assert [one["act"] for one in seen] == ["notice", "not-collected", "downloaded", "acknowledged"]
    assert (seen[0]["message"], seen[0]["answer"]) == (on.mailer.sent[0].id, "250 Ok")
    assert [one for one in events if one.value.startswith("exchange-")] == [
        EventName.EXCHANGE_NOTICE_SENT,
        EventName.EXCHANGE_LISTED,
        EventName.EXCHANGE_NOT_COLLECTED,
        EventName.EXCHANGE_TAKEN,
        EventName.EXCHANGE_TAKEN,
    ]


def test_what_cannot_be_opened_beside_one_entry_hides_no_other(on: Exchanged) -> None:
    on.verified()
    on.left()
    damage(on, "exchange_entries", "note")
    on.left(package_id="11111111-2222-4333-8444-555555555555", files=[{"number": "TC6-12346", "persons": ["p1"]}])
    whole, broken = on.collect.all(ACCOUNT)
    assert (whole.note is None, broken.note is None) == (False, True)
    assert b"".join(on.collect.document(ACCOUNT, broken.entry.id, 0).parts)
    assert [one.note is None for one in on.collect.since(ACCOUNT, "")] == [True, False]


def test_a_document_that_cannot_be_opened_calls_a_person_and_holds_up_no_other(on: Exchanged) -> None:
    on.verified()
    on.left()
    on.left(package_id="11111111-2222-4333-8444-555555555555", files=[{"number": "TC6-12346", "persons": ["p1"]}])
    damaged, whole = [one.entry for one in on.collect.since(ACCOUNT, "")]
    on.vault.delete(damaged.documents[0].parts[0])
    for take in (
        lambda: on.collect.document(ACCOUNT, damaged.id, 0),
        lambda: on.collect.bundle(ACCOUNT, damaged.id, session="none"),
    ):
        with pytest.raises(NoSuchThing):
            take()
    token = on.tokens.make(ACCOUNT).token
    taken = b"".join(on.collect.all_since(ACCOUNT, "", token=token.id).parts)
    with zipfile.ZipFile(io.BytesIO(taken)) as archive:
        assert [one.partition("/")[0] for one in archive.namelist()] == [whole.id]
    on.take_back(10)
    with on.database.read() as tx:
        (called,) = tx.incoming.find(handling=Handling.FOR_PERSON, limit=5)
    assert (called.delivery, called.finding) == (damaged.delivery, Finding.ENTRY_BROKEN)


def test_what_was_left_lies_sealed_under_its_own_key(on: Exchanged) -> None:
    on.verified()
    on.left()
    (left,) = on.collect.all(ACCOUNT)
    raw = b"".join(path.read_bytes() for path in (on.folder / "vault").rglob("*") if path.is_file())
    assert b"stand-in for" not in raw
    with on.database.read() as tx:
        assert tx.registry.has_data_key(left.conversation.data_key)


def test_what_was_left_goes_with_its_package_when_that_expires(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    (left,) = on.collect.all(ACCOUNT)
    on.collect.acknowledge(ACCOUNT, left.entry.id)
    on.clock.move(dt.timedelta(days=30))
    on.settle(10)
    assert on.delivery(delivery.id).settled
    parts = {part for one in left.entry.documents for part in one.parts}
    assert parts <= kept(on)
    on.clock.move(dt.timedelta(days=366 * FLOOR_YEARS))
    retention = on.retention()
    assert [one.dispatch for one in retention.run(actor="archivist")] == [delivery.dispatch]
    assert on.collect.all(ACCOUNT) == []
    with pytest.raises(NoSuchThing):
        on.collect.document(ACCOUNT, left.entry.id, 0)
    assert not parts & kept(on)
    with on.database.read() as tx:
        assert not tx.registry.has_data_key(left.conversation.data_key), "a backup of the objects opens no more either"
        (expired,) = tx.records.events_besides(EventName.EXCHANGE_CONVERSATION_EXPIRED)
    assert expired.facts == {"account": ACCOUNT, "conversation": left.conversation.id}


def test_a_conversation_whose_key_went_with_its_last_package_goes_on_under_a_new_one(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    (left,) = on.collect.all(ACCOUNT)
    outlived = OutlivedKeys(database=on.database, clock=on.clock)
    outlived.destroy(actor="archivist")
    with on.database.write() as tx:
        before = tx.registry.data_key(left.conversation.data_key)
        tx.registry.destroy_data_key(tx.dispatches.get(delivery.dispatch).data_key)
    outlived.destroy(actor="archivist")
    later = on.to_leave(package_id=str(uuid.uuid4()))
    on.deliver()
    (anew,) = on.collect.all(ACCOUNT)
    assert (anew.conversation, anew.entry.delivery) == (left.conversation, later.id)
    assert b"".join(on.collect.document(ACCOUNT, anew.entry.id, 0).parts)
    outlived.destroy(actor="archivist")
    with on.database.read() as tx:
        assert tx.registry.data_key(left.conversation.data_key) != before
        assert len(tx.records.events_besides(EventName.EXCHANGE_CONVERSATION_EXPIRED)) == 1


def kept(on: Exchanged) -> set[str]:
    """The names of the sealed objects."""
    return {path.name for path in (on.folder / "vault").rglob("*") if path.is_file()}
