"""When evidence was kept long enough all of it goes, whichever key it lay under, and what belonged to nobody too."""

import datetime as dt
import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.evidence.proof_drawing import Given
from gateway.application.retention import expiry as retention
from gateway.application.retention.schedules import RetentionFile, retention_rules
from gateway.application.rules import read_rules
from gateway.application.sealed import data_key
from gateway.domain.dispatch import DispatchState
from gateway.domain.events import Event, EventName
from gateway.domain.outcomes import Division
from gateway.domain.package import Nature, Relation, RelationKind
from gateway.domain.parties import ChannelName
from gateway.domain.print_order import PrintState
from gateway.domain.problem import SetupWrong
from gateway.domain.report import Finding
from gateway.domain.retention import Kept, PackageKind, Subject, find_retention, kind_of
from gateway.ports.incoming import Handling
from tests.application.exporting import desk
from tests.application.mail_room import SIGNED, MailRoomStage
from tests.application.stage import PATIENCE, Stage
from tests.application.test_receiving import ScriptedReader, raw_of, receive
from tests.application.test_retention import served
from tests.application.test_settling import looked_at
from tests.channels.scan_samples import SIGNATORY, carrier_list
from tests.contracts.fake_channel import FakeChannel

HOUR = dt.timedelta(hours=1)
YEAR = dt.timedelta(days=366)
WHY = "she rang and said that she has it"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    yield stage
    stage.close()


@pytest.fixture
def mail_room(tmp_path: Path) -> Iterator[MailRoomStage]:
    stage = MailRoomStage(tmp_path, ChannelName.REGISTERED_MAIL, "RN 47312481-47312499 CA")
    yield stage
    stage.close()


def expired(on: Stage, years: int) -> list[Kept]:
    """What of dispatches goes so many years later."""
    on.clock.move(years * YEAR)
    return [one.what for one in on.retention().run(actor="archivist")]


def stranger(on: Stage, mark: int = 0) -> str:
    """A message that belongs to nothing, and waits for a person; its id."""
    raw = json.dumps(["no token of ours", Finding.PERSONAL_REPLY.value]).encode() + b" " * mark
    received = on.keep(raw, source="mail")
    assert received is not None
    on.clock.move(PATIENCE)
    on.reading(ScriptedReader())(10)
    return received.id


def events_of(on: Stage, name: EventName) -> list[Event]:
    with on.database.read() as tx:
        return list(tx.records.events_besides(name))


def test_what_an_officer_said_for_a_paper_goes_with_the_evidence_of_its_dispatch(on: Stage) -> None:
    delivery = served(on)
    given = Given(name="Claire Tremblay", title="Registry officer")
    (paper, *_) = desk(on).make(delivery.dispatch, delivery.participant, given, officer=None, actor="clerk").papers
    own = contexts.evidence_key(delivery.dispatch)
    assert paper.data_key == own
    assert desk(on).read(paper.id, actor="clerk").startswith(b"%PDF")
    assert expired(on, 2) == [Kept.PACKAGE]
    assert desk(on).read(paper.id, actor="clerk").startswith(b"%PDF"), "it outlives the package"
    assert expired(on, 15) == [Kept.EVIDENCE]
    with on.database.read() as tx:
        assert not tx.registry.has_data_key(own)
        assert tx.proof.get(paper.id).given == b""
    with pytest.raises(SetupWrong):
        desk(on).read(paper.id, actor="clerk")


def test_evidence_stands_as_long_as_its_package_whatever_was_sealed_under_its_key_before(on: Stage) -> None:
    delivery = served(on)
    given = Given(name="Claire Tremblay")
    desk(on).make(delivery.dispatch, delivery.participant, given, officer=None, actor="clerk")
    with on.database.read() as tx:
        assert tx.registry.has_data_key(contexts.evidence_key(delivery.dispatch))
        assert tx.dispatches.with_remains() == []
    keeps = on.retention()
    on.clock.move(20 * YEAR)
    keeps.hold(delivery.dispatch, actor="counsel", reason="the court asked for it")
    assert keeps.run(actor="archivist") == []


def test_a_reason_for_closing_goes_with_the_evidence_of_its_dispatch(on: Stage) -> None:
    delivery = served(on)
    received = receive(on, raw_of(on, delivery, Finding.PERSONAL_REPLY))
    on.close_incoming(received.id, actor="clerk", reason=WHY)
    (closed,) = events_of(on, EventName.RECEIPT_CLOSED)
    key_id = contexts.evidence_key(delivery.dispatch)
    assert closed.facts["key"] == key_id
    with on.database.read() as tx:
        key = data_key(tx.registry, key_id)
    assert on.vault.open(key, contexts.reason(received.id), closed.reason or b"") == WHY.encode()
    assert (expired(on, 2), expired(on, 15)) == ([Kept.PACKAGE], [Kept.EVIDENCE])
    with on.database.read() as tx:
        assert not tx.registry.has_data_key(key_id)


def test_what_was_never_matched_goes_by_its_own_schedule_once_somebody_has_dealt_with_it(on: Stage) -> None:
    dealt_with, waits = stranger(on), stranger(on, mark=5)
    on.clock.move(YEAR)
    on.close_incoming(dealt_with, actor="clerk", reason=WHY)
    on.clock.move(14 * YEAR)
    on.retention().run(actor="archivist")
    with on.database.read() as tx:
        kept = tx.incoming.get(dealt_with)
        assert tx.registry.has_data_key(contexts.incoming_key(dealt_with))
    assert kept.closed_at is not None, "its years run from when it was closed"
    on.clock.move(2 * YEAR)
    on.retention().run(actor="archivist")
    (gone,) = events_of(on, EventName.RECEIPT_EXPIRED)
    assert gone.facts["incoming"] == dealt_with
    assert gone.facts["rule"] == "unmatched-as-evidence"
    with on.database.read() as tx:
        assert not tx.registry.has_data_key(contexts.incoming_key(dealt_with))
        assert dealt_with not in {one.id for one in tx.incoming.find(handling=None, limit=9)}
        assert tx.incoming.get(waits).handling is Handling.FOR_PERSON


def test_a_report_that_comes_after_all_evidence_went_is_kept_for_a_person_and_goes_by_the_same_schedule(
    on: Stage,
) -> None:
    delivery = served(on)
    assert (expired(on, 2), expired(on, 15)) == ([Kept.PACKAGE], [Kept.EVIDENCE])
    objects = on.objects()
    late = receive(on, raw_of(on, delivery, Finding.PERSONAL_REPLY))
    on.close_incoming(late.id, actor="clerk", reason=WHY)
    (closed,) = events_of(on, EventName.RECEIPT_CLOSED)
    assert closed.facts["key"] == contexts.incoming_key(late.id), "no key of an expired dispatch is made anew"
    assert on.objects() == objects + 1
    assert expired(on, 16) == []
    assert on.objects() == objects


def accounted_for(on: MailRoomStage, number: str) -> None:
    """The print vendor's account of the manifest is kept."""
    with on.database.read() as tx:
        order, key = tx.print_orders.get(number), data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert order is not None
    with on.vault.keeping() as put, on.database.write() as tx:
        kept = put(key, contexts.print_account(number), b"manifest,piece,event")
        tx.print_orders.save(replace(order, state=PrintState.ANSWERED, account=kept, said=kept))


def test_papers_and_scans_of_many_envelopes_go_with_the_last_of_them(mail_room: MailRoomStage) -> None:
    mail_room.terms[mail_room.service] = replace(mail_room.terms[mail_room.service], printed_by_vendor=True)
    first, second = mail_room.gather(2)
    items = list(mail_room.close_items())
    number = items[0].manifest or ""
    accounted_for(mail_room, number)
    mail_room.clock.move(HOUR)
    mail_room.hand_over(number, at=mail_room.clock.now(), signed=SIGNED, actor="clerk")
    mail_room.clock.move(48 * HOUR)
    at = (mail_room.clock.now() - HOUR).isoformat()
    rows = [[one.piece or "", "1408", at, SIGNATORY] for one in items]
    file = mail_room.import_scans(carrier_list(*rows), actor="clerk")
    with mail_room.database.read() as tx:
        (scan,) = tx.scans.find(limit=9, delivery=first.id)
        assert scan.data_key == contexts.evidence_key(first.dispatch)
        key = data_key(tx.registry, scan.data_key)
    assert mail_room.vault.open(key, contexts.scan(scan.digest), scan.extract)
    assert {one.settled for one in (looked_at(mail_room, first), looked_at(mail_room, second))} == {True}
    assert expired(mail_room, 2) == [Kept.PACKAGE, Kept.PACKAGE]
    keeps = mail_room.retention()
    keeps.hold(second.dispatch, actor="counsel", reason="the court asked for it")
    assert expired(mail_room, 15) == [Kept.EVIDENCE]
    with mail_room.database.read() as tx:
        assert [one.extract for one in tx.scans.find(limit=9, delivery=first.id)] == [b""]
        assert tx.manifests.get(number).object_name is not None, "the other's line still stands on it"
        assert tx.incoming.get(file.receipt).handling is Handling.MATCHED
    keeps.release(second.dispatch, actor="counsel", reason="it has decided")
    assert keeps.run(actor="archivist")
    with mail_room.database.read() as tx:
        assert tx.manifests.get(number).object_name is None
        order = tx.print_orders.get(number)
        assert order is not None
        assert (order.account, order.said) == (None, None)
        assert tx.incoming.find(handling=None, limit=9) == []
    assert mail_room.objects() == 0


def test_a_schedule_may_be_for_a_kind_of_package(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions are kept for ten years here, letters for two."""
    longer = 'rule = "decisions"\nyears = 10\nkinds = ["decision", "amendment"]\nsource = "x"\nsource_fr = "x"\n'
    rules = (*read_rules("retention.toml", f"[[rule]]\n{longer}", RetentionFile).rule, *retention_rules())
    monkeypatch.setattr(retention, "retention_rules", lambda: rules)
    delivery = served(on)
    assert expired(on, 3) == []
    assert expired(on, 8) == [Kept.PACKAGE]
    with on.database.read() as tx:
        (gone,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.PACKAGE_EXPIRED]
    assert (gone.facts["rule"], gone.facts["kind"]) == ("decisions", "decision")
    found = [
        find_retention(rules, Kept.PACKAGE, Subject(division=division, state=DispatchState.COMPLETE, kind=kind)).rule
        for division, kind in itertools.product(Division, (lambda: PackageKind.LETTER, lambda: None))
    ]
    assert set(found) == {"personal-information-floor"}


def test_the_kind_of_a_package_is_its_relation_else_the_nature_of_its_decision(on: Stage) -> None:
    on.recipients()
    decision = on.open_case(on.accept()).decision
    assert kind_of(decision) is PackageKind.DECISION
    letter = replace(decision, proceeding=replace(decision.proceeding, nature=Nature.INTERLOCUTORY))
    assert kind_of(letter) is PackageKind.LETTER
    for relation in RelationKind:
        later = replace(letter, relation=Relation(kind=relation, of=uuid.uuid4()))
        assert kind_of(later).value == relation.value
