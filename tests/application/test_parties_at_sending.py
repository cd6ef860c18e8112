"""Messages about a file's parties: kept sealed, idempotent, asked before each attempt."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.application.rule_files import board_rules
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.reasons import Reason
from tests.application.packages import POSTAL
from tests.application.stage import MAX_AGE, Stage
from tests.contracts.fake_channel import FakeChannel

FILE = "TC6-12345"
MOVED = {"participant": "m1", "contact": {"email": "marguerite@mail.example"}}
REFUSES = {"participant": "m1", "electronic": {"accepts": False}}


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def on(tmp_path: Path, channel: FakeChannel) -> Iterator[Stage]:
    stage = Stage(tmp_path, channel)
    yield stage
    stage.close()


def message(on: Stage, *changes: object, sequence: int = 1, **more: Any) -> bytes:
    fields = {
        "schema": "file-parties/1",
        "division": "RPD",
        "sequence": sequence,
        "effective_at": on.clock.now().isoformat(),
        "source": "NOVA",
        "changes": list(changes),
    }
    return json.dumps(fields | more).encode()


def tell(on: Stage, *changes: object, sequence: int = 1, file: str = FILE, **more: Any) -> None:
    on.parties.receive(file, message(on, *changes, sequence=sequence, **more), actor="token:nova")


def after(on: Stage, delivery: Delivery) -> tuple[DeliveryState, Reason | None]:
    on.clock.move(dt.timedelta(seconds=1))
    on.deliver()
    now = on.delivery(delivery.id)
    return now.state, now.reason


def planned_and_rendered(on: Stage) -> None:
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 10):
            work(claimed)


@pytest.mark.parametrize(("change", "reason"), [(MOVED, Reason.ADDRESS_CHANGED), (REFUSES, Reason.CONSENT_WITHDRAWN)])
def test_a_change_since_planning_stops_the_sending_and_nothing_leaves(
    on: Stage, channel: FakeChannel, change: object, reason: Reason
) -> None:
    delivery = on.ready()
    in_a_second = (on.clock.now() + dt.timedelta(seconds=1)).isoformat()  # later than what is heeded at once
    tell(on, change, effective_at=in_a_second)
    assert after(on, delivery) == (DeliveryState.NEEDS_PERSON, reason)
    assert not channel.consigned
    assert not channel.sent


@pytest.mark.parametrize(("file", "division"), [("TC6-99999", "RPD"), (FILE, "RAD")])
def test_what_is_said_of_another_file_or_division_concerns_nobody_here(on: Stage, file: str, division: str) -> None:
    delivery = on.ready()
    tell(on, MOVED, file=file, division=division)
    assert after(on, delivery)[0] is DeliveryState.HANDED_OVER


def test_a_word_of_before_the_signature_that_came_after_the_package_holds_what_contradicts_it(on: Stage) -> None:
    delivery = on.ready()
    on.clock.move(dt.timedelta(hours=1))
    tell(on, MOVED, effective_at="2026-11-18T12:00:00-05:00")
    stands = on.delivery(delivery.id)
    assert (stands.state, stands.reason) == (DeliveryState.NEEDS_PERSON, Reason.ADDRESS_CHANGED)


def test_of_consent_of_before_the_signature_the_package_is_the_newer_word(on: Stage) -> None:
    delivery = on.ready()
    on.clock.move(dt.timedelta(hours=1))
    tell(on, REFUSES, effective_at="2026-11-18T12:00:00-05:00")
    assert after(on, delivery)[0] is DeliveryState.HANDED_OVER


def test_what_came_before_the_package_is_heeded_too(on: Stage, channel: FakeChannel) -> None:
    on.recipients()
    tell(on, REFUSES)
    dispatch = on.accept(decision=signed(on, -dt.timedelta(hours=1)))
    planned_and_rendered(on)
    on.deliver()
    (delivery,) = on.deliveries(dispatch.id)
    assert delivery.state is DeliveryState.NEEDS_PERSON
    assert delivery.reason in {Reason.ELECTRONIC_NOT_ACCEPTED, Reason.CONSENT_WITHDRAWN}
    assert not channel.sent


def signed(on: Stage, ago: dt.timedelta) -> dict[str, Any]:
    return {
        "form": "written",
        "signed_at": (on.clock.now() + ago).isoformat(timespec="seconds"),
        "language": "en",
        "members": [{"name": "M. Membre"}],
        "reasons": "with-notice",
    }


class TestTheMemo:
    """«Échange d’information et interfaces système», the lines on what comes from GCMS into NOVA: there NOVA takes it,
    and here what concerns the parties of a file may come the same way."""

    def test_a_new_case_is_known_before_any_package_and_nobody_enters_it_again(
        self, on: Stage, channel: FakeChannel
    ) -> None:
        """«créer … des cas dans [NOVA] … ce qui élimine la nécessité d’entrer les données deux fois»"""
        on.recipients()
        tell(on, REFUSES, source="GCMS")
        dispatch = on.accept(decision=signed(on, -dt.timedelta(hours=1)))
        planned_and_rendered(on)
        on.deliver()
        assert on.deliveries(dispatch.id)[0].state is DeliveryState.NEEDS_PERSON
        assert channel.sent == []

    def test_of_the_updates_of_a_case_the_last_is_heeded_whatever_order_they_come_in(
        self, on: Stage, channel: FakeChannel
    ) -> None:
        """«… et mettre à jour des cas»"""
        on.recipients()
        accepts = {"participant": "m1", "electronic": {"accepts": True, "consent": "2026-01-05"}}
        tell(on, REFUSES, sequence=2, source="GCMS")
        tell(on, accepts, sequence=1, source="GCMS")
        dispatch = on.accept(decision=signed(on, -dt.timedelta(hours=1)))
        planned_and_rendered(on)
        on.deliver()
        assert on.deliveries(dispatch.id)[0].state is DeliveryState.NEEDS_PERSON
        assert channel.sent == []


class TestMaxAge:
    def test_an_old_package_alone_is_not_word_enough(self, on: Stage, channel: FakeChannel) -> None:
        delivery = on.ready()
        on.clock.move(MAX_AGE + dt.timedelta(hours=1))
        assert after(on, delivery) == (DeliveryState.NEEDS_PERSON, Reason.PARTIES_NOT_CONFIRMED)
        assert channel.sent == []

    @pytest.mark.parametrize(
        "confirm",
        [
            tell,
            lambda on: on.parties.confirm(Division.RPD, FILE, actor="clerk", reason="Called counsel"),
        ],
        ids=["registry", "person"],
    )
    def test_once_the_parties_are_confirmed_it_is_planned_again_and_goes(
        self, on: Stage, channel: FakeChannel, confirm: Callable[[Stage], object]
    ) -> None:
        delivery = on.ready()
        on.clock.move(MAX_AGE + dt.timedelta(hours=1))
        after(on, delivery)
        confirm(on)
        assert on.delivery(delivery.id).state is DeliveryState.PLANNED
        planned_and_rendered(on)
        assert after(on, delivery) == (DeliveryState.HANDED_OVER, None)
        assert len(channel.sent) == 1

    def test_a_missing_message_holds_the_file_until_it_comes(self, on: Stage) -> None:
        delivery = on.ready()
        tell(on, sequence=7, previous=6)
        assert after(on, delivery) == (DeliveryState.NEEDS_PERSON, Reason.PARTIES_NOT_CONFIRMED)
        tell(on, sequence=6)
        planned_and_rendered(on)
        assert after(on, delivery)[0] is DeliveryState.HANDED_OVER


class TestReceiving:
    def test_the_same_message_again_changes_nothing_and_another_of_its_sequence_is_a_conflict(self, on: Stage) -> None:
        raw = message(on, MOVED)
        first = on.parties.receive(FILE, raw, actor="nova")
        again = on.parties.receive(FILE, raw, actor="nova")
        assert (first.repeat, again.repeat, again.stored) == (False, True, first.stored)
        with pytest.raises(Conflict) as other:
            on.parties.receive(FILE, message(on, REFUSES), actor="nova")
        assert other.value.code is Code.PARTIES_CONFLICT
        assert len(on.parties.of_file(Division.RPD, FILE)) == 1

    def test_messages_out_of_order_are_all_kept(self, on: Stage) -> None:
        for sequence in (3, 1, 2):
            tell(on, sequence=sequence)
        assert [stored.sequence for stored, _ in on.parties.of_file(Division.RPD, FILE)] == [3, 1, 2]

    def test_names_and_addresses_are_sealed(self, on: Stage) -> None:
        on.ready()
        tell(on, MOVED, note="Marguerite called")
        files = [*on.folder.glob("gateway.db*"), *on.folder.glob("vault/**/*")]
        assert not [one for one in files if one.is_file() and b"arguerite" in one.read_bytes()]

    @pytest.mark.parametrize(
        ("wrong", "where"),
        [
            ({"sequence": 0}, "$.sequence"),
            ({"sequence": "1"}, "$.sequence"),
            ({"sequence": 1.5}, "$.sequence"),
            ({"previous": 1}, "$.previous"),
            ({"effective_at": "2026-11-20T15:04:00"}, "$.effective_at"),
            ({"source": ""}, "$.source"),
            ({"division": "XYZ"}, "$.division"),
            ({"colour": "red"}, "$.colour"),
            ({"changes": [{"participant": "m1"}]}, "$.changes[0]"),
            ({"changes": [{"participant": "m1", "age": 3}]}, "$.changes[0].age"),
            ({"changes": [MOVED | {"recipient": "x"}]}, "$.changes[0]"),
            ({"changes": [{"participant": "m1", "contact": {}}]}, "$.changes[0].contact"),
        ],
    )
    def test_anything_else_is_refused_with_its_place_and_nothing_is_kept(
        self, on: Stage, wrong: dict[str, Any], where: str
    ) -> None:
        with pytest.raises(InputRefused) as refused:
            on.parties.receive(FILE, message(on, **wrong), actor="nova")
        assert (refused.value.code, refused.value.where) == (Code.PARTIES_INVALID, where)
        assert on.parties.of_file(Division.RPD, FILE) == []

    def test_nobody_confirms_without_a_reason(self, on: Stage) -> None:
        with pytest.raises(InputRefused):
            on.parties.confirm(Division.RPD, FILE, actor="clerk", reason=" ")


class TestHeededAtOnce:
    def test_an_address_that_changes_while_a_delivery_waits_goes_to_a_person_with_the_message_on_the_record(
        self, on: Stage, channel: FakeChannel
    ) -> None:
        delivery = on.ready()
        received = on.parties.receive(FILE, message(on, MOVED, sequence=4), actor="token:nova")
        now = on.delivery(delivery.id)
        assert (received.stopped, now.state, now.reason) == (1, DeliveryState.NEEDS_PERSON, Reason.ADDRESS_CHANGED)
        with on.database.read() as tx:
            (called,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.PERSON_CALLED]
        assert (called.actor, called.facts) == (
            "token:nova",
            {"reason": "sending.address-changed", "source": "NOVA", "sequence": 4},
        )
        assert not channel.sent

    def test_a_consent_withdrawn_while_a_delivery_waits_has_it_planned_anew(self, on: Stage) -> None:
        delivery = on.ready()
        received = on.parties.receive(FILE, message(on, REFUSES), actor="token:nova")
        assert (received.stopped, on.delivery(delivery.id).state) == (1, DeliveryState.PLANNED)
        with on.database.read() as tx:
            assert tx.dispatches.get(delivery.dispatch).step is Step.PLAN
            acts = [one.facts.get("action") for one in tx.records.events(delivery.dispatch)]
        assert acts[-1] == "parties-changed"

    def test_what_changes_nothing_for_the_delivery_leaves_it_alone(self, on: Stage) -> None:
        delivery = on.ready()
        other = {"participant": "m1", "electronic": {"accepts": True}}
        received = on.parties.receive(FILE, message(on, other), actor="token:nova")
        assert (received.stopped, on.delivery(delivery.id)) == (0, delivery)

    def test_a_change_that_is_not_yet_in_force_waits_for_its_day(self, on: Stage) -> None:
        delivery = on.ready()
        tomorrow = (on.clock.now() + dt.timedelta(days=1)).isoformat()
        received = on.parties.receive(FILE, message(on, MOVED, effective_at=tomorrow), actor="token:nova")
        assert (received.stopped, on.delivery(delivery.id)) == (0, delivery)
        on.clock.move(dt.timedelta(days=1))
        assert after(on, delivery) == (DeliveryState.NEEDS_PERSON, Reason.ADDRESS_CHANGED)

    def test_a_gap_is_told_to_the_sender_until_it_is_filled(self, on: Stage) -> None:
        first = on.parties.receive(FILE, message(on, sequence=7, previous=6), actor="nova")
        again = on.parties.receive(FILE, message(on, sequence=8, previous=7), actor="nova")
        filled = on.parties.receive(FILE, message(on, sequence=6), actor="nova")
        assert [one.missing for one in (first, again, filled)] == [(6,), (6,), ()]

    def test_the_same_words_written_otherwise_are_a_repeat(self, on: Stage) -> None:
        raw = message(on, MOVED)
        on.parties.receive(FILE, raw, actor="nova")
        assert on.parties.receive(FILE, json.dumps(json.loads(raw), indent=2).encode(), actor="nova").repeat


COUNSEL = {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "counsel-12345p"}
GONE = {"participant": "c1", "of_record": {"until": "2026-11-19", "removal": "by-client"}}
REPRESENTED = {"id": "d1", "roles": ["designated-representative"], "represents": ["p1"], "recipient": "counsel-12345p"}
OF_AGE = {"participant": "d1", "designation": {"basis": "minor", "ends": "2026-11-20"}}
CLAIMANT = {"id": "a1", "roles": ["claimant"], "represents": ["p1"], "contact": {"postal": POSTAL}}


class TestWhoReceivesInstead:
    """A change of who stands for whom, under the rules of the Board, plans anew what waits: to an address that the
    signed package gives, and nowhere else."""

    @pytest.fixture
    def on(self, tmp_path: Path, channel: FakeChannel) -> Iterator[Stage]:
        stage = Stage(tmp_path, channel, FakeChannel(name="courier"), rules=board_rules())
        stage.recipients()
        stage.recipients("counsel-12345p")
        yield stage
        stage.close()

    @staticmethod
    def waiting(on: Stage, who: dict[str, Any] = COUNSEL) -> Delivery:
        """That of counsel, or of the representative."""
        dispatch = on.accept(participants=[who, CLAIMANT], minister={"party": False})
        planned_and_rendered(on)
        return next(one for one in on.deliveries(dispatch.id) if one.participant in {"c1", "d1"})

    @pytest.mark.parametrize(
        ("who", "told", "reason"),
        [(COUNSEL, GONE, Reason.COUNSEL_REMOVED), (REPRESENTED, OF_AGE, Reason.DESIGNATION_ENDED)],
    )
    @pytest.mark.parametrize("at_once", [True, False])
    def test_the_person_receives_once_counsel_or_the_representative_stands_for_them_no_more(
        self, on: Stage, who: dict[str, Any], told: object, reason: Reason, *, at_once: bool
    ) -> None:
        delivery = self.waiting(on, who)
        assert delivery.state is DeliveryState.READY
        when = on.clock.now() + dt.timedelta(0 if at_once else 1)
        tell(on, told, effective_at=when.isoformat(), sequence=4)
        on.clock.move(when - on.clock.now() + dt.timedelta(seconds=1))
        if not at_once:
            on.deliver()
        stopped = on.delivery(delivery.id)
        assert (stopped.state, stopped.reason) == (DeliveryState.NEEDS_PERSON, reason), "a person looks at it"
        with on.database.read() as tx:
            assert tx.dispatches.get(delivery.dispatch).step is Step.PLAN
            event = next(one for one in tx.records.events(delivery.dispatch) if one.name is EventName.DISPATCH_RETRIED)
        assert event.facts["reason"] == reason.value
        assert not at_once or (event.actor, event.facts["sequence"]) == ("token:nova", 4), "whose word it was"
        planned_and_rendered(on)
        instead = next(one for one in on.deliveries(delivery.dispatch) if one.participant == "a1")
        assert (instead.recipient, instead.plan, instead.state) == (None, ("courier",), DeliveryState.READY)
        assert on.delivery(delivery.id) == stopped
        on.deliver()
        assert on.delivery(instead.id).state is DeliveryState.HANDED_OVER
        assert {one.recipient for one in on.deliveries(delivery.dispatch)} >= {None, delivery.recipient}

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"participant": "c1", "contact": {"email": "new@firm.example"}}, Reason.ADDRESS_CHANGED),
            ({"participant": "c1", "recipient": "cbsa-hearings-gta"}, Reason.ADDRESS_CHANGED),
            ({"participant": "c2", "roles": ["counsel"], "represents": ["p1"]}, Reason.PARTY_ADDED),
        ],
    )
    def test_an_address_or_a_party_that_no_signed_package_names_is_a_persons_matter(
        self, on: Stage, changes: dict[str, Any], reason: Reason
    ) -> None:
        delivery = self.waiting(on)
        before = [one for one in on.deliveries(delivery.dispatch) if one.id != delivery.id]
        tell(on, changes)
        stopped = on.delivery(delivery.id)
        assert (stopped.state, stopped.reason) == (DeliveryState.NEEDS_PERSON, reason)
        planned_and_rendered(on)
        assert [one for one in on.deliveries(delivery.dispatch) if one.id != delivery.id] == before
