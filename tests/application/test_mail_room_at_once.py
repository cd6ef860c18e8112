"""Clerks, the driver and the carrier's scans at the same moment, on PostgreSQL as from several processes: each envelope
comes to one end, and what the records say of it happened in that order."""

import datetime as dt
import random
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from gateway.application.mail_room import close, pages
from gateway.application.mail_room.check import CheckEnvelope
from gateway.application.mail_room.standing import states_of
from gateway.domain.acts import Action
from gateway.domain.delivery import Delivery, DeliveryState, ResultName
from gateway.domain.events import EventName
from gateway.domain.manifest import BatchedItem, ItemState, sheet_code
from gateway.domain.problem import Problem
from gateway.ports.database import Transaction
from gateway.store.engine import SqlDatabase
from gateway.store.manifests import SqlManifests
from tests.application.mail_room import OFFICE, SIGNED, MailRoomStage
from tests.channels.scan_samples import mail_room_list
from tests.store.on_postgresql import OnPostgresql

ROUNDS, ENVELOPES = 2, 5
LEFT_THE_BATCH = {EventName.ITEM_TAKEN_OUT, EventName.PERSON_CALLED, EventName.DELIVERY_RESOLVED}


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """All begin together. What went wrong otherwise than a refusal with its code."""
    begin, wrong = threading.Barrier(len(acts)), list[BaseException]()

    def do(act: Callable[[], object]) -> None:
        begin.wait()
        try:
            act()
        except Problem:
            pass
        except BaseException as fault:  # noqa: BLE001  (it is what the test looks for)
            wrong.append(fault)

    threads = [threading.Thread(target=do, args=(one,)) for one in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return wrong


def a_round(on: MailRoomStage, dice: random.Random) -> list[BaseException]:
    gathered = on.gather(ENVELOPES)
    codes = [on.attempts(one.id)[-1].reference for one in gathered]
    seen = mail_room_list(*([one, "inducted", on.clock.now().isoformat()] for one in dice.sample(codes, 2)))
    signed = mail_room_list(*([one, "delivered", on.clock.now().isoformat()] for one in dice.sample(codes, 2)))
    held = dice.choice(gathered).id
    check = CheckEnvelope(database=on.database, clock=on.clock)

    def hand_over() -> None:
        with on.database.read() as tx:
            newest = tx.manifests.newest(1)
        for one in newest:
            on.hand_over(one.number, at=on.clock.now(), signed=SIGNED, actor="driver", stated="Counted at the door.")

    acts: list[Callable[[], object]] = [
        *[lambda: on.closer(on.service, OFFICE, actor="clerk")] * 2,
        lambda: on.import_scans(seen, actor="clerk"),
        lambda: on.import_scans(signed, actor="other"),
        lambda: on.resolve(held, Action.HOLD, actor="clerk", reason="At once."),
        lambda: check(sheet_code(codes[0]), codes[0], actor="clerk"),
        hand_over,
    ]
    dice.shuffle(acts)
    return at_once(*acts)


def check(on: MailRoomStage, deliveries: list[Delivery]) -> None:
    with on.database.read() as tx:
        listed = [item for one in tx.manifests.newest(100) for item in tx.manifests.items(one.number)]
        states = states_of(tx, listed)
        waiting = {one.attempt for one in tx.manifests.waiting()}
        events = {one.id: tx.records.events(one.dispatch) for one in deliveries}
        now = {one.id: tx.deliveries.get(one.id) for one in deliveries}
        attempts = {one.id: tx.deliveries.attempts(one.id) for one in deliveries}
    places = [one.attempt for one in listed]
    assert len(places) == len(set(places)), "in two manifests"
    assert not waiting & set(places)
    for one in deliveries:
        last = attempts[one.id][-1]
        if now[one.id].state is DeliveryState.BATCHED:
            assert (last.id in waiting) != (last.id in places), "in none"
        if last.result is ResultName.HANDED_OVER:
            assert states[last.id] is ItemState.HANDED_OVER
        names = [
            event.name for event in events[one.id] if event.delivery == one.id and event.attempt in {None, last.id}
        ]
        if EventName.ITEM_LISTED in names:
            before = names[: names.index(EventName.ITEM_LISTED)]
            assert not LEFT_THE_BATCH & set(before), "listed after it had left its batch"


@pytest.mark.real
class TestOnPostgresql(OnPostgresql):
    """Threads of one process with connections of their own: to the server they are strangers."""

    def test_each_envelope_comes_to_one_end(self, tmp_path: Path, database: SqlDatabase) -> None:
        on, dice = MailRoomStage(tmp_path, database=database), random.Random(20261128)
        deliveries: list[Delivery] = []
        for _ in range(ROUNDS):
            assert a_round(on, dice) == []
            with on.database.read() as tx:
                deliveries = list(tx.deliveries.find(state=None, channel=None, limit=100))
            check(on, deliveries)
            on.clock.move(dt.timedelta(minutes=5))
        assert len(deliveries) == ROUNDS * ENVELOPES
        assert {one.state for one in deliveries} & {DeliveryState.HANDED_OVER, DeliveryState.BATCHED}

    def test_what_is_taken_out_while_a_manifest_is_closed_over_it_is_not_on_it(
        self, tmp_path: Path, database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on = MailRoomStage(tmp_path, database=database)
        held, kept = on.gather(2)

        def meanwhile(tx: Transaction, **asked: str) -> Iterator[BatchedItem]:
            yield from pages.waiting(tx, **asked)
            assert at_once(lambda: on.resolve(held.id, Action.HOLD, actor="clerk", reason="Just now.")) == []

        monkeypatch.setattr(close, "waiting", meanwhile)
        assert [one.delivery for one in on.close_items()] == [kept.id]

    def test_a_scan_that_comes_while_the_manifest_is_closed_hands_its_envelope_over(
        self, tmp_path: Path, database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on = MailRoomStage(tmp_path, database=database)
        (delivery,) = on.gather()
        found, closed = SqlManifests.by_codes, list[Sequence[BatchedItem]]()

        def meanwhile(self: SqlManifests, codes: Collection[str]) -> Mapping[str, Sequence[BatchedItem]]:
            items = found(self, codes)
            if not closed:
                assert at_once(lambda: closed.append(on.close_items())) == []
            return items

        monkeypatch.setattr(SqlManifests, "by_codes", meanwhile)
        code = on.attempts(delivery.id)[-1].reference
        on.import_scans(mail_room_list([code, "inducted", on.clock.now().isoformat()]), actor="clerk")
        assert [one.delivery for one in closed[0]] == [delivery.id]
        assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
