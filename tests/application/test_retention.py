"""Retention under a clock that the test moves: the key goes, the content with it, and the proof stays."""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.acts.service_record import HandService
from gateway.application.files.file_parties import STAFF, file_key
from gateway.application.recalls.recall import Recall
from gateway.application.retention.remains import ProofFacts
from gateway.application.retention.schedules import RetentionFile, retention_rules
from gateway.application.rules import read_rules
from gateway.application.sealed import data_key, package_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.feed import FeedState
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict, Problem, ServiceDown, SetupWrong
from gateway.domain.retention import ENDED, FLOOR_YEARS, Kept, PackageKind, Subject, find_retention, kept_until
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel
from tests.contracts.feed import a_transaction

YEARS = dt.timedelta(days=366 * FLOOR_YEARS)
FILE = "TC6-12345"
WHY = "the Federal Court asked for the file"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    yield stage
    stage.close()


def served(on: Stage) -> Delivery:
    """Sent, then handed over by hand as well: settled, with evidence of its own."""
    delivery = on.ready()
    on.deliver()
    on.clock.move(dt.timedelta(minutes=1))
    told = HandService(at=on.clock.now(), place="Ottawa", handed_to="Claire Tremblay", proof=b"scan")
    on.record_service(delivery.id, told, actor="clerk", reason="she came to the counter")
    return delivery


def test_what_another_case_system_has_not_acknowledged_keeps_its_package(on: Stage) -> None:
    delivery = served(on)
    with on.database.write() as tx:
        told = a_transaction(tx.dispatches.get(delivery.dispatch), state=FeedState.SENT)
        tx.feed.add(told)
    on.clock.move(YEARS)
    assert on.retention().run(actor="archivist") == []
    with on.database.write() as tx:
        tx.feed.answer({told.id: (FeedState.ACCEPTED, None)})
    assert [one.dispatch for one in on.retention().run(actor="archivist")] == [delivery.dispatch]


def test_after_its_time_nothing_opens_the_package_and_its_evidence_still_opens(on: Stage) -> None:
    delivery = served(on)
    with on.database.read() as tx:
        dispatch, (attempt, _) = tx.dispatches.get(delivery.dispatch), tx.deliveries.attempts(delivery.id)
        receipts = tx.records.receipts_of([delivery.id])[delivery.id]
        key = data_key(tx.registry, dispatch.data_key)
    before = on.views.dispatch(dispatch.id)
    kept = (on.folder / "vault").rglob("*")
    copies = {path.name: path.read_bytes() for path in kept if path.is_file()}
    on.clock.move(YEARS)
    (destroyed,) = on.retention().run(actor="archivist")
    assert (destroyed.dispatch, destroyed.rule) == (dispatch.id, "personal-information-floor")

    with on.database.read() as tx:
        with pytest.raises(SetupWrong) as gone:
            data_key(tx.registry, dispatch.data_key)
        evidence = data_key(tx.registry, contexts.EVIDENCE_KEY)
        (expired,) = [one for one in tx.records.events(dispatch.id) if one.name is EventName.PACKAGE_EXPIRED]
    assert gone.value.code is Code.SEAL_KEY_UNKNOWN
    assert expired.actor == "archivist"
    for name in (dispatch.object_name, attempt.sent_object or ""):
        with pytest.raises(Problem):
            on.vault.get(key, contexts.PACKAGE, name)
        # A copy from a backup of the objects opens under no key that is left.
        on.vault._objects.put(name, copies[name])
        with pytest.raises(Problem):
            on.vault.get(evidence, contexts.PACKAGE, name)
    by_hand = next(one for one in receipts if one.object_name is not None)
    raw = on.vault.get(evidence, contexts.service_record(by_hand.id), by_hand.object_name or "")
    assert sha256(raw) == by_hand.receipt.evidence
    after = on.views.dispatch(dispatch.id)
    assert after["deliveries"] == before["deliveries"]
    assert after["expired_at"] == expired.at.isoformat()
    assert on.retention().run(actor="archivist") == []


def test_evidence_goes_after_its_own_time_and_whoever_asks_for_it_is_told_so(on: Stage) -> None:
    delivery = served(on)
    on.clock.move(YEARS)
    keeps = on.retention()
    assert [one.what for one in keeps.run(actor="archivist")] == [Kept.PACKAGE]
    with on.database.read() as tx:
        remains = tx.registry.data_key(contexts.evidence_key(delivery.dispatch))
    on.clock.move(6 * YEARS)
    assert keeps.run(actor="archivist") == []
    assert on.views.dispatch(delivery.dispatch)["expired_at"]
    on.clock.move(dt.timedelta(days=366))
    keeps.hold(delivery.dispatch, actor="counsel", reason=WHY)
    on.clock.move(YEARS)
    assert [one.held for one in keeps.due()] == [True]
    assert keeps.run(actor="archivist") == []
    keeps.release(delivery.dispatch, actor="counsel", reason="the court has decided")
    (gone,) = keeps.run(actor="archivist")
    assert (gone.what, gone.rule) == (Kept.EVIDENCE, "ultimate-limitation")
    assert on.objects() == 0
    with on.database.read() as tx:
        assert remains
        assert not tx.registry.has_data_key(contexts.evidence_key(delivery.dispatch))
        dispatch = tx.dispatches.get(delivery.dispatch)
        assert tx.records.events(delivery.dispatch)[-1].name is EventName.EVIDENCE_EXPIRED
    for ask in (lambda: on.views.dispatch(delivery.dispatch), lambda: on.facts(dispatch)):
        with pytest.raises(Conflict) as told:
            ask()
        assert told.value.code is Code.RETENTION_EVIDENCE_EXPIRED
    with pytest.raises(Conflict):
        keeps.hold(delivery.dispatch, actor="counsel", reason=WHY)
    assert keeps.run(actor="archivist") == []


def test_evidence_that_the_storage_did_not_let_go_is_destroyed_by_the_next_run(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off in the midst it is told as expired, nobody holds it back any more, and no report prolongs it."""
    delivery = served(on)
    on.clock.move(YEARS)
    keeps = on.retention()
    keeps.run(actor="archivist")
    on.clock.move(8 * YEARS)
    with monkeypatch.context() as away:
        away.setattr(on.vault, "delete", _unavailable)
        with pytest.raises(ServiceDown):
            keeps.run(actor="archivist")
    assert on.objects() > 0
    with pytest.raises(Conflict):
        keeps.hold(delivery.dispatch, actor="counsel", reason=WHY)
    with on.database.write() as tx:
        late = Event(name=EventName.RECEIPT_RECORDED, at=on.clock.now(), actor="mail", dispatch=delivery.dispatch)
        tx.records.append(late)
    assert [one.what for one in keeps.run(actor="archivist")] == [Kept.EVIDENCE]
    assert on.objects() == 0
    assert keeps.run(actor="archivist") == []
    with on.database.read() as tx:
        names = [one.name for one in tx.records.events(delivery.dispatch)]
    assert names.count(EventName.EVIDENCE_EXPIRED) == 1


def _unavailable(name: str) -> None:
    raise ServiceDown(Code.STORAGE_UNAVAILABLE, where=name)


def test_nothing_unsettled_expires_however_old(on: Stage) -> None:
    delivery = on.ready()
    on.deliver()
    on.clock.move(10 * YEARS)
    assert on.retention().due() == []
    assert on.retention().run(actor="archivist") == []
    assert on.views.dispatch(delivery.dispatch)["state"] == "in-progress"


def test_nothing_expires_within_two_years_of_the_last_thing_that_happened(on: Stage) -> None:
    served(on)
    on.clock.move(dt.timedelta(days=364 * FLOOR_YEARS))
    assert on.retention().run(actor="archivist") == []


def test_a_legal_hold_keeps_it_until_it_is_released(on: Stage) -> None:
    delivery = served(on)
    on.clock.move(YEARS)
    keeps = on.retention()
    keeps.hold(delivery.dispatch, actor="counsel", reason=WHY)
    assert [one.held for one in keeps.due()] == [True]
    assert keeps.run(actor="archivist") == []
    keeps.release(delivery.dispatch, actor="counsel", reason="the court has decided")
    with pytest.raises(Conflict) as refused:
        keeps.release(delivery.dispatch, actor="counsel", reason="again")
    assert refused.value.code is Code.RETENTION_NOT_HELD
    assert len(keeps.run(actor="archivist")) == 1


def test_a_hold_placed_while_a_run_goes_on_is_heeded(on: Stage) -> None:
    delivery = served(on)
    on.clock.move(YEARS)
    keeps = on.retention()

    def meanwhile(dispatch: Dispatch) -> ProofFacts:
        keeps.hold(delivery.dispatch, actor="counsel", reason=WHY)
        return on.facts(dispatch)

    objects = on.objects()
    racing = on.retention(facts=meanwhile)
    assert racing.run(actor="archivist") == []
    assert on.objects() == objects
    assert on.views.dispatch(delivery.dispatch)["state"] == "complete"


def test_a_cancelled_delivery_was_sent_to_nobody_and_expires_too(on: Stage) -> None:
    delivery = on.ready()
    on.resolve(delivery.id, Action.CANCEL, actor="clerk", reason="withdrawn by the Registry")
    on.clock.move(YEARS)
    assert [one.dispatch for one in on.retention().run(actor="archivist")] == [delivery.dispatch]


def test_what_was_recalled_expires_too(on: Stage) -> None:
    delivery = on.ready()
    Recall(database=on.database, vault=on.vault, clock=on.clock)(delivery.dispatch, actor="clerk", reason="wrong file")
    assert on.views.dispatch(delivery.dispatch)["state"] == "recalled"
    on.clock.move(YEARS)
    assert [one.dispatch for one in on.retention().run(actor="archivist")] == [delivery.dispatch]


def test_what_had_left_before_a_recall_is_settled_before_it_expires(on: Stage) -> None:
    delivery = on.ready()
    on.deliver()
    Recall(database=on.database, vault=on.vault, clock=on.clock)(delivery.dispatch, actor="clerk", reason="wrong file")
    on.clock.move(YEARS)
    assert on.retention().due() == []


def test_every_division_and_end_has_a_schedule_of_two_years_at_least() -> None:
    asked = itertools.product(Division, ENDED, PackageKind, (Kept.PACKAGE, Kept.EVIDENCE))
    found = [
        find_retention(
            retention_rules(), what, Subject(division=division, state=state, kind=partial(PackageKind, kind))
        )
        for division, state, kind, what in asked
    ]
    found.append(find_retention(retention_rules(), Kept.UNMATCHED))
    assert all(one.years >= FLOOR_YEARS and one.source and one.source_fr for one in found)


def test_a_schedule_under_the_floor_is_refused() -> None:
    text = '[[rule]]\nrule = "x"\nyears = 1\nsource = "x"\nsource_fr = "x"\n'
    with pytest.raises(SetupWrong) as refused:
        read_rules("retention.toml", text, RetentionFile)
    assert refused.value.where == "retention.toml:$.rule[0].years"


def test_a_leap_day_is_kept_to_the_first_of_march() -> None:
    until = kept_until(dt.datetime(2028, 2, 29, tzinfo=dt.UTC), retention_rules()[0])
    assert until == dt.datetime(2030, 3, 1, tzinfo=dt.UTC)


def test_it_runs_by_itself_once_a_day_and_what_expired_is_told_as_such(on: Stage) -> None:
    delivery = served(on)
    assert on.retention().run_if_due() == []
    on.clock.move(YEARS)
    assert [one.dispatch for one in on.retention().run_if_due()] == [delivery.dispatch]
    assert on.retention().run_if_due() == ()
    with on.database.read() as tx, pytest.raises(Conflict) as gone:
        package_key(tx.registry, tx.dispatches.get(delivery.dispatch))
    assert (gone.value.code, gone.value.where) == (Code.RETENTION_EXPIRED, delivery.dispatch)


def said_of(on: Stage) -> list[str]:
    """The notes of what was said of the file."""
    return [message.note or "" for _, message in on.parties.of_file(Division.RPD, FILE)]


def test_what_was_said_of_a_file_goes_after_the_last_package_of_it_and_can_be_said_anew(on: Stage) -> None:
    on.parties.confirm(Division.RPD, FILE, actor="clerk", reason="counsel called")
    delivery = served(on)
    with on.database.read() as tx:
        assert FILE in tx.dispatches.get(delivery.dispatch).files
    keeps = on.retention()
    keeps.hold(delivery.dispatch, actor="counsel", reason=WHY)
    on.clock.move(YEARS)
    keeps.run(actor="archivist")
    assert said_of(on) == ["counsel called"], "a package of the file is still there"
    keeps.release(delivery.dispatch, actor="counsel", reason="the court has decided")
    assert len(keeps.run(actor="archivist")) == 1
    assert said_of(on) == []
    with on.database.read() as tx:
        (expired,) = tx.records.events_besides(EventName.PARTIES_EXPIRED)
        assert not tx.registry.has_data_key(file_key(Division.RPD, FILE))
        assert tx.parties.last_sequence(Division.RPD, FILE, source=STAFF) == 1, "that something was said stays"
    assert (expired.actor, expired.facts) == ("archivist", {"division": "RPD", "file": FILE})
    on.parties.confirm(Division.RPD, FILE, actor="clerk", reason="a new file of hers")
    assert said_of(on) == ["a new file of hers"]
    assert keeps.run(actor="archivist") == []
    assert said_of(on) == ["a new file of hers"], "nothing goes within two years of the last word"


def test_what_was_said_of_a_file_without_a_package_goes_after_its_time(on: Stage) -> None:
    on.parties.confirm(Division.RPD, FILE, actor="clerk", reason="counsel called")
    on.clock.move(dt.timedelta(days=364 * FLOOR_YEARS))
    on.retention().run(actor="archivist")
    assert said_of(on) == ["counsel called"]
    on.clock.move(dt.timedelta(days=10))
    on.retention().run(actor="archivist")
    assert said_of(on) == []


def test_papers_that_others_took_the_place_of_are_destroyed_with_the_package(on: Stage) -> None:
    delivery = served(on)
    with on.database.write() as tx:
        tx.former_papers.set_aside(delivery.id, fence=delivery.fence)
        others = [replace(one, object_name=one.object_name[::-1]) for one in tx.records.documents(delivery.id)]
        tx.records.drop_documents(delivery.id)
        tx.records.add_documents(others)
        (former,) = tx.former_papers.of_delivery(delivery.id)
    names = {one.object_name for one in former.documents}
    assert names <= {path.name for path in (on.folder / "vault").rglob("*")}
    on.clock.move(YEARS)
    assert len(on.retention().run(actor="archivist")) == 1
    assert not names & {path.name for path in (on.folder / "vault").rglob("*")}
