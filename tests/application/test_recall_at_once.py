"""A recall while others send, take and recall: on both databases, whoever is quicker, and nobody waits for ever."""

import datetime as dt
import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest

from gateway.application.recalls.recall import Recall
from gateway.application.recalls.recall_report import RecallReports
from gateway.domain.acts import Action
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import DispatchState
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.domain.recall import Containment
from gateway.ports.work import LeaseLost
from gateway.store.engine import SqlDatabase
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.application.mail_room import SIGNED, MailRoomStage
from tests.store.on_postgresql import OnPostgresql
from tests.store.on_sqlite import OnSqlite

WHY = "wrong counsel"
ROUNDS = 8
AT_ONCE = 20
"""Seconds that a round may take."""


def at_once(*acts: Callable[[], object]) -> None:
    """All of them, set off together; what one of them raises is raised."""
    ready, met = threading.Barrier(len(acts)), list[BaseException]()

    def run(act: Callable[[], object]) -> None:
        ready.wait(AT_ONCE)
        try:
            act()
        except BaseException as error:  # noqa: BLE001  (raised again below, in the test's own thread)
            met.append(error)

    threads = [threading.Thread(target=run, args=(act,), daemon=True) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(AT_ONCE)
    assert not any(one.is_alive() for one in threads), "somebody waits for ever"
    for error in met:
        raise error


def unless_too_late(act: Callable[[], object]) -> Callable[[], object]:
    """What may be refused because the recall was quicker."""

    def tried() -> None:
        with suppress(NoSuchThing, Conflict, LeaseLost):
            act()

    return tried


class RecallAtOnce:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    @pytest.fixture
    def on(self, tmp_path: Path, database: SqlDatabase) -> Exchanged:
        """With an account that is open."""
        stage = Exchanged(tmp_path, database)
        stage.verified()
        return stage

    def test_whoever_takes_it_at_that_moment_is_named_and_whoever_is_not_has_nothing(self, on: Exchanged) -> None:
        came = Counter[str]()
        for _ in range(ROUNDS):
            delivery = on.left(package_id=str(uuid4()))
            entry = next(one.entry for one in on.collect.all(ACCOUNT) if one.entry.delivery == delivery.id)
            got: list[bytes] = []
            at_once(
                unless_too_late(partial(_take, on, entry.id, got)),
                partial(on.recall, delivery.dispatch, actor="clerk", reason=WHY),
            )
            came[_checked(on, delivery, has=bool(got))] += 1
        assert came.total() == ROUNDS

    def test_whoever_sends_at_that_moment_leaves_it_withdrawn_or_not_at_all(self, on: Exchanged) -> None:
        for _ in range(ROUNDS):
            delivery = on.to_leave(package_id=str(uuid4()))
            at_once(
                unless_too_late(on.deliver),
                partial(on.recall, delivery.dispatch, actor="clerk", reason=WHY),
            )
            on.deliver()
            on.recall(delivery.dispatch, actor="clerk", reason="once more")
            _checked(on, delivery, has=False)
            lying = [one.entry for one in on.collect.all(ACCOUNT) if one.entry.delivery == delivery.id]
            assert all(one.retracted_at is not None for one in lying)

    def test_two_who_recall_it_at_once_recall_it_once(self, on: Exchanged) -> None:
        for _ in range(ROUNDS):
            delivery = on.left(package_id=str(uuid4()))
            at_once(
                *(partial(on.recall, delivery.dispatch, actor=name, reason=WHY) for name in ("clerk", "head")),
            )
            _checked(on, delivery, has=False)
            with on.database.read() as tx:
                receipts = [one.external_id for one in tx.records.receipts_of([delivery.id])[delivery.id]]
            assert len([one for one in receipts if one.endswith("/retracted")]) == 1
            recalls = cast("list[dict[str, object]]", on.report(delivery.dispatch, viewer=None)["recalls"])
            assert {one["by"] for one in recalls} == {"clerk", "head"}

    def test_what_nobody_collected_moves_on_or_is_withdrawn_and_never_both(self, on: Exchanged) -> None:
        for _ in range(ROUNDS):
            delivery = on.left(package_id=str(uuid4()))
            on.clock.move(dt.timedelta(days=8))
            at_once(
                partial(on.uncollected, 10),
                partial(on.recall, delivery.dispatch, actor="clerk", reason=WHY),
            )
            _checked(on, delivery, has=False)

    def test_a_manifest_is_handed_over_or_not_while_its_dispatches_are_recalled(
        self, tmp_path: Path, database: SqlDatabase
    ) -> None:
        """Each dispatch has an envelope on it, and each is recalled by somebody else."""
        room = MailRoomStage(tmp_path, ChannelName.COURIER, database=database)
        recall = Recall(database=database, vault=room.vault, clock=room.clock)
        report = RecallReports(database=database)
        for _ in range(ROUNDS // 2):
            dispatches = [one.dispatch for one in room.gather(4)]
            manifest = room.close_manifest().manifest
            assert manifest is not None
            at_once(
                partial(
                    room.hand_over,
                    manifest.number,
                    at=room.clock.now(),
                    signed=SIGNED,
                    actor="clerk",
                    stated="Counted before the recall.",
                ),
                *(partial(recall, one, actor="clerk", reason=WHY) for one in random.sample(dispatches, 4)),
            )
            for one in dispatches:
                (told,) = cast("list[dict[str, object]]", report(one, viewer=None)["deliveries"])
                assert (told["state"], told["containment"]) in {
                    (DeliveryState.RECALLED, Containment.IN_MAIL_ROOM),
                    (DeliveryState.HANDED_OVER, Containment.BEYOND_RECALL),
                }


def _take(on: Exchanged, entry_id: str, got: list[bytes]) -> None:
    got.extend(on.collect.document(ACCOUNT, entry_id, 0).parts)


def _checked(on: Exchanged, delivery: Delivery, *, has: bool) -> str:
    """What the report says of the one delivery: whoever has a byte is named, and nobody gets one after."""
    report = on.report(delivery.dispatch, viewer=None)
    (told,) = cast("list[dict[str, object]]", report["deliveries"])
    assert (told["containment"] == Containment.TAKEN) == has, json.dumps(told)
    assert (told["state"] == DeliveryState.DELIVERED) == has, json.dumps(told)
    assert (told["state"] == DeliveryState.RECALLED) != has, json.dumps(told)
    assert report["state"] == DispatchState.RECALLED
    for entry in [one.entry for one in on.collect.all(ACCOUNT) if one.entry.delivery == delivery.id]:
        with pytest.raises(NoSuchThing):
            on.collect.document(ACCOUNT, entry.id, 0)
    with pytest.raises(Conflict):
        on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="again")
    return str(told["containment"])


class TestOnSqlite(OnSqlite, RecallAtOnce):
    """On SQLite."""


@pytest.mark.real
class TestOnPostgresql(OnPostgresql, RecallAtOnce):
    """On PostgreSQL."""
