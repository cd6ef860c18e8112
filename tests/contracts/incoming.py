"""What every `IncomingStore` keeps to."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing
from gateway.domain.receipt import AwaitedReceipt
from gateway.domain.report import Finding
from gateway.domain.return_code import ReturnCode
from gateway.ports.database import Database
from gateway.ports.incoming import Handling, Incoming
from tests.contracts.samples import MINUTE, NOW, stored_deliveries
from tests.contracts.scans import a_scan


def an_incoming(**changes: Any) -> Incoming:
    """A raw message that waits to be read."""
    values: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "source": "mail",
        "digest": "sha256:" + uuid.uuid4().hex * 2,
        "size": 4_096,
        "received_at": NOW,
        "object_name": uuid.uuid4().hex,
        "next_action_at": NOW,
    }
    return Incoming(**{**values, **changes})


class AwaitedReceiptsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_is_awaited_is_found_by_the_name_of_its_message(self, database: Database) -> None:
        awaited = AwaitedReceipt(content_identifier="0a", signature="0b", attributes="0c")
        with database.write() as tx:
            tx.awaited.add(awaited, token="f" * 32)
        with database.read() as tx:
            assert tx.awaited.find("0a") == (awaited, "f" * 32)
            assert tx.awaited.find("0b") is None


class ReturnCodesContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_a_code_that_was_printed_names_its_sending_and_no_other_does(self, database: Database) -> None:
        code = ReturnCode.of("<0a@tribunal.example>")
        for _ in range(2):  # written again where an end was not recorded
            with database.write() as tx:
                tx.return_codes.add(code, token="0a")
        with database.read() as tx:
            assert tx.return_codes.find(code) == "0a"
            assert tx.return_codes.find(ReturnCode.of("<0b@tribunal.example>")) is None


class IncomingContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_was_added_comes_back_whole(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        one = an_incoming(handling=Handling.MATCHED, finding=Finding.RELAYED, delivery=delivery.id, tries=2)
        with database.write() as tx:
            assert tx.incoming.add(one)
        with database.read() as tx:
            assert tx.incoming.get(one.id) == one

    def test_what_came_back_about_one_delivery_is_found(self, database: Database) -> None:
        first, second = stored_deliveries(database, {}, {})
        replies = [an_incoming(handling=Handling.FOR_PERSON, delivery=first.id) for _ in range(2)]
        read = an_incoming(handling=Handling.MATCHED, delivery=first.id)
        with database.write() as tx:
            for one in (*replies, read, an_incoming(delivery=second.id), an_incoming()):
                tx.incoming.add(one)
            assert list(tx.incoming.find(handling=None, limit=9, delivery=first.id)) == [read, *reversed(replies)]
            found = tx.incoming.find(handling=Handling.FOR_PERSON, limit=1, delivery=first.id)
            assert tx.incoming.count_for_person() == len(replies)
            assert list(found) == [replies[1]]

    def test_the_same_bytes_from_the_same_source_count_once(self, database: Database) -> None:
        one = an_incoming()
        with database.write() as tx:
            assert tx.incoming.add(one)
            assert not tx.incoming.add(an_incoming(digest=one.digest))
            assert tx.incoming.add(an_incoming(digest=one.digest, source="callback"))
            assert len(tx.incoming.find(handling=None, limit=9)) == 2
            assert tx.incoming.same("mail", one.digest) == one
            assert tx.incoming.same("scans", one.digest) is None

    def test_an_unknown_one_is_a_problem(self, database: Database) -> None:
        with database.read() as tx, pytest.raises(NoSuchThing) as unknown:
            tx.incoming.get("nobody")
        assert unknown.value.code is Code.RECEIPT_UNKNOWN

    def test_what_is_due_comes_oldest_first_and_only_while_it_is_unread(self, database: Database) -> None:
        late, early = an_incoming(), an_incoming(next_action_at=NOW - MINUTE, handling=Handling.WAITING)
        not_yet = an_incoming(next_action_at=NOW + MINUTE)
        done = [an_incoming(handling=one) for one in (Handling.MATCHED, Handling.FOR_PERSON, Handling.CLOSED)]
        with database.write() as tx:
            for one in (late, early, not_yet, *done):
                tx.incoming.add(one)
            assert tx.incoming.due(now=NOW, limit=9) == [early, late]
            assert tx.incoming.due(now=NOW, limit=1) == [early]

    def test_what_is_saved_stands(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        one = an_incoming()
        after = replace(
            one,
            handling=Handling.FOR_PERSON,
            finding=Finding.FAILED,
            delivery=delivery.id,
            tries=1,
            next_action_at=None,
        )
        with database.write() as tx:
            tx.incoming.add(one)
            tx.incoming.save(after)
            assert tx.incoming.get(one.id, lock=True) == after

    def test_a_list_is_by_handling_and_newest_first(self, database: Database) -> None:
        first, second = an_incoming(), an_incoming(handling=Handling.FOR_PERSON)
        with database.write() as tx:
            tx.incoming.add(first)
            tx.incoming.add(second)
            assert tx.incoming.find(handling=None, limit=9) == [second, first]
            assert tx.incoming.find(handling=None, limit=1) == [second]
            assert tx.incoming.find(handling=Handling.NEW, limit=9) == [first]

    def test_what_belongs_to_nothing_that_is_kept_is_over_once_somebody_dealt_with_it(self, database: Database) -> None:
        (kept,), (gone,), (remains,) = (stored_deliveries(database, {}) for _ in range(3))
        with database.write() as tx:
            tx.registry.add_data_key(tx.dispatches.get(kept.dispatch).data_key, b"wrapped")
            tx.registry.add_data_key(f"evidence/{remains.dispatch}", b"wrapped")
        closed: dict[str, Any] = {"handling": Handling.CLOSED, "closed_at": NOW}
        over = [
            an_incoming(**closed),
            an_incoming(**closed, delivery=gone.id),
            an_incoming(handling=Handling.MATCHED, source="scans", digest="sha256:old"),
        ]
        stays = [
            an_incoming(handling=Handling.FOR_PERSON),
            an_incoming(handling=Handling.CLOSED, closed_at=NOW + MINUTE),
            an_incoming(**closed, delivery=kept.id),
            an_incoming(**closed, delivery=remains.id),
            an_incoming(handling=Handling.MATCHED, source="scans", digest="sha256:file"),
        ]
        with database.write() as tx:
            for one in (*stays, *over):
                tx.incoming.add(one)
            tx.scans.add(
                [
                    a_scan(file="sha256:old", delivery=gone.id),
                    a_scan(file="sha256:file", delivery=gone.id),
                    a_scan(file="sha256:file", delivery=kept.id),
                ]
            )
        with database.write() as tx:
            assert tx.incoming.over(before=NOW, limit=9) == []
            assert tx.incoming.over(before=NOW + MINUTE, limit=9) == over
            assert tx.incoming.over(before=NOW + MINUTE, limit=1) == over[:1]
            for one in over:
                tx.incoming.remove(one.id)
        with database.read() as tx:
            assert tx.incoming.over(before=NOW + MINUTE, limit=9) == []
            assert len(tx.incoming.find(handling=None, limit=99)) == len(stays)
