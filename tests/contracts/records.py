"""What every `Records` keeps to."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.audit import AuditAsked
from gateway.domain.events import Event, EventName
from gateway.domain.intake import Worked
from gateway.domain.ledger import BEFORE_THE_FIRST, canonical, link
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW, a_document, a_receipt, an_event, stored_deliveries


class RecordsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_documents_come_back_in_reading_order(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        message = a_document(delivery.id, 0, kind=None, pages=None, language=None, media_type="application/json")
        records = [message, a_document(delivery.id, 1), a_document(delivery.id, 2)]
        with database.write() as tx:
            assert tx.records.documents(delivery.id) == []
            tx.records.add_documents([records[2], records[0], records[1]])
            assert tx.records.documents(delivery.id) == records

    def test_others_take_the_place_of_the_documents_of_that_delivery_only(self, database: Database) -> None:
        first, second = stored_deliveries(database, {}, {})
        kept, replaced = a_document(second.id, 0), a_document(first.id, 0)
        with database.write() as tx:
            tx.records.add_documents([a_document(first.id, 0), a_document(first.id, 1), kept])
        with database.write() as tx:
            tx.records.drop_documents(first.id)
            tx.records.add_documents([replaced])
            tx.records.add_documents([])
        with database.read() as tx:
            assert tx.records.documents(first.id) == [replaced]
            assert tx.records.documents(second.id) == [kept]

    def test_receipts_come_back_oldest_first(self, database: Database) -> None:
        first, second = stored_deliveries(database, {}, {})
        late, early = a_receipt(first.id, at=NOW + MINUTE), a_receipt(first.id, attempt="a1", object_name="ab" * 16)
        with database.write() as tx:
            tx.records.add_receipt(late)
            tx.records.add_receipt(early)
            assert tx.records.receipts_of([first.id, second.id]) == {first.id: [early, late], second.id: []}
            assert tx.records.receipts_of([]) == {}

    def test_what_was_taken_back_is_given_out_no_more_and_may_come_again(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        stays, gone, again = (a_receipt(delivery.id, at=NOW + place * MINUTE) for place in range(3))
        with database.write() as tx:
            tx.records.add_receipt(stays)
            tx.records.add_receipt(gone)
            tx.records.take_back(gone.id, at=NOW)
            assert tx.records.receipts_of([delivery.id]) == {delivery.id: [stays]}
            tx.records.add_receipt(again)
            assert tx.records.receipts_of([delivery.id]) == {delivery.id: [stays, again]}

    def test_the_same_receipt_again_changes_nothing(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        first = a_receipt(delivery.id, external_id="42")
        again = a_receipt(delivery.id, external_id="42", at=NOW + MINUTE)
        with database.write() as tx:
            tx.records.add_receipt(first)
            tx.records.add_receipt(again)
            assert tx.records.receipts_of([delivery.id]) == {delivery.id: [first]}

    @pytest.mark.parametrize("change", [{"source": "dsn"}, {"external_id": "43"}])
    def test_another_source_or_id_is_another_receipt(self, database: Database, change: dict[str, str]) -> None:
        (delivery,) = stored_deliveries(database, {})
        first = a_receipt(delivery.id, external_id="42")
        other = a_receipt(delivery.id, **{"external_id": "42", **change})
        with database.write() as tx:
            tx.records.add_receipt(first)
            tx.records.add_receipt(other)
            assert tx.records.receipts_of([delivery.id]) == {delivery.id: [first, other]}

    def test_the_same_id_for_another_delivery_is_another_receipt(self, database: Database) -> None:
        first, second = stored_deliveries(database, {}, {})
        records = [a_receipt(one.id, external_id="42") for one in (first, second)]
        with database.write() as tx:
            for one in records:
                tx.records.add_receipt(one)
            assert tx.records.receipts_of([first.id, second.id]) == {first.id: [records[0]], second.id: [records[1]]}

    def test_events_come_back_as_they_went_in_oldest_first(self, database: Database) -> None:
        events = [
            an_event(dispatch="d1", facts={"digest": "sha256:00", "files": 2, "repeat": False}),
            an_event(dispatch="d1", delivery="x", attempt="a", name=EventName.ATTEMPT_ENDED, reason=b"\x00sealed"),
            an_event(dispatch="d1", delivery="x", at=NOW - MINUTE, actor="clerk"),
            an_event(dispatch="d1", delivery="y"),
        ]
        with database.write() as tx:
            for one in (*events, an_event(dispatch="d2"), an_event()):
                tx.records.append(one)
        with database.read() as tx:
            assert tx.records.events("d1") == events
            assert len(tx.records.events("d2")) == 1
            assert tx.records.events("d3") == []

    def test_events_appended_together_are_chained_as_if_each_came_by_itself(self, database: Database) -> None:
        first, second = stored_deliveries(database, {}, {})
        others = [an_event(dispatch=one.dispatch, delivery=one.id) for one in (first, second)]
        with database.write() as tx:
            tx.records.append(others[0])
        together = [
            replace(others[1], name=EventName.DELIVERY_RENDERED),
            replace(others[0], name=EventName.DELIVERY_RENDERED),
            an_event(dispatch=first.dispatch),
            replace(others[1], name=EventName.ATTEMPT_ENDED),
        ]
        with database.write() as tx:
            tx.records.append(*together)
            tx.records.append()
            tx.records.append(replace(others[0], name=EventName.ATTEMPT_ENDED))
        with database.read() as tx:
            told = [[one.event.name for one in tx.ledger.chain(name.id) if one.event] for name in (first, second)]
            assert told[0] == [others[0].name, EventName.DELIVERY_RENDERED, EventName.ATTEMPT_ENDED]
            assert told[1] == [EventName.DELIVERY_RENDERED, EventName.ATTEMPT_ENDED]
            for chain in (first.id, second.id, first.dispatch):
                before = BEFORE_THE_FIRST
                for place, entry in enumerate(tx.ledger.chain(chain), start=1):
                    assert entry.event is not None
                    assert (entry.sequence, entry.link) == (place, link(before, canonical(entry.event, chain, place)))
                    before = entry.link

    def test_packages_whose_papers_were_made_since_are_counted_once_each(self, database: Database) -> None:
        with database.write() as tx:
            for minutes, dispatch in ((5, "old"), (3, "d1"), (2, "d1"), (1, "d2")):
                tx.records.append(
                    an_event(name=EventName.DELIVERY_RENDERED, dispatch=dispatch, at=NOW - minutes * MINUTE)
                )
            tx.records.append(an_event(dispatch="d3", at=NOW))
            assert tx.records.rendered_since(NOW - 4 * MINUTE) == Worked(packages=2, since=NOW - 3 * MINUTE)
            assert tx.records.rendered_since(NOW) is None

    def test_events_of_no_dispatch_are_found_by_their_name(self, database: Database) -> None:
        tested = [an_event(name=EventName.KEY_TESTED, facts={"recipient": one}) for one in ("a", "b")]
        with database.write() as tx:
            others = an_event(name=EventName.KEY_CONFIRMED), an_event(name=EventName.KEY_TESTED, dispatch="d")
            for one in (*tested, *others):
                tx.records.append(one)
        with database.read() as tx:
            assert tx.records.events_besides(EventName.KEY_TESTED) == tested
            assert tx.records.events_besides(EventName.KEY_ROTATED) == []

    def test_what_was_recorded_is_found_by_its_dispatch_and_who_acted_within_a_period(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        about = delivery.dispatch
        told = [
            an_event(dispatch=about, delivery=None, actor="alice", at=NOW),
            an_event(dispatch=about, delivery=None, actor="gateway", at=NOW + MINUTE),
            an_event(dispatch=None, delivery=None, actor="alice", at=NOW + 2 * MINUTE),
        ]
        with database.write() as tx:
            for one in told:
                tx.records.append(one)

            def found(limit: int = 9, **asked: Any) -> list[Event]:
                return [one.event for one in tx.records.search(AuditAsked(**asked), limit)]

            assert found() == told[::-1]
            assert found(dispatches=(about,)) == [told[1], told[0]]
            assert found(dispatches=()) == []
            assert found(actor="alice") == [told[2], told[0]]
            assert found(actor="alice", dispatches=(about,)) == [told[0]]
            assert found(since=NOW + MINUTE, until=NOW + 2 * MINUTE) == [told[1]]
            first = tx.records.search(AuditAsked(), 1)
            assert found(before=first[0].place, limit=1) == [told[1]]
            assert tx.records.newest_besides(told[2].name) == told[2]
