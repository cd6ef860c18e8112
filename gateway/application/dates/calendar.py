"""The days that staff enter: closures, which move due dates at once, and carriers that stand still."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from gateway.application import contexts
from gateway.application.acts.set_going import held_with_dispatch, set_going
from gateway.application.dates.closures import closed_at
from gateway.application.dates.office_dates import deemed, known_office, today_at
from gateway.application.lately import Lately
from gateway.application.people.own_offices import check_every_office, check_office
from gateway.application.rules import offices, service_standards
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, DeliveryState, ResultName
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.parties import ChannelName
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.service_standard import count
from gateway.domain.suspension import Suspension
from gateway.ports.calendar import CarrierSuspension, Closure, CountedDue
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


class OfficeCalendar:
    """Enters and reads what no calendar knows. Every entry has a name, a time and a reason."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._suspensions = Lately(self.carrier_suspensions)

    def close(self, day: dt.date, office: str | None, *, actor: str, reason: str) -> Closure:
        """The office, or every one, is closed on that day; what is still owed is counted again at once. Of a day that
        is over: what was deemed received on it was not, since it was no working day, and is looked at again.

        Raises InputRefused (decision.unknown-office; request.invalid: no reason), NotAllowed (account.other-office).
        """
        if office is not None:
            known_office(office)
        closure_id = str(uuid.uuid4())
        overturned = self._deemed_on(day, office)
        with self._database.write() as tx:
            _check_offices(tx, office, actor)
            closure = Closure(
                id=closure_id,
                office=office,
                date=day,
                entered_at=self._clock.now(),
                entered_by=actor,
                reason=self._sealed(tx, closure_id, reason),
            )
            tx.calendar.add_closure(closure)
            self._record_closure(tx, EventName.CLOSURE_ENTERED, closure, actor, closure.reason)
            self._count_again(tx, closure, actor)
            for delivery_id in overturned:
                self._reopen(tx, delivery_id, actor, because="office-closed")
        return closure

    def withdraw(self, closure_id: str, *, actor: str, reason: str) -> Closure:
        """A closure that was entered by mistake is none.

        Raises NoSuchThing (closure.unknown), InputRefused (request.invalid), NotAllowed (account.other-office).
        """
        with self._database.write() as tx:
            sealed = self._sealed(tx, closure_id, reason)
            closure = tx.calendar.withdraw_closure(closure_id, at=self._clock.now(), by=actor)
            _check_offices(tx, closure.office, actor)
            self._record_closure(tx, EventName.CLOSURE_WITHDRAWN, closure, actor, sealed)
            self._count_again(tx, closure, actor)
            tx.calendar.look_again(ChannelName.REGULAR_MAIL, self._clock.now())
        return closure

    def suspend(self, channel: str, since: dt.datetime | None, *, actor: str, reason: str) -> CarrierSuspension:
        """The channel's carrier does not deliver, from a moment not in the future on; None: from now. What was deemed
        received since then is looked at again: nothing is on a day on which nobody could bring it.

        Raises Conflict (channel.suspended), InputRefused (request.invalid).
        """
        now = self._clock.now()
        if since is not None and since > now:
            raise InputRefused(Code.REQUEST_INVALID, where="since", expected=f"<= {now.isoformat(timespec='seconds')}")
        suspension_id = str(uuid.uuid4())
        deemed = self._deemed_since(channel, since or now)
        with self._database.write() as tx:
            suspension = CarrierSuspension(
                id=suspension_id,
                channel=channel,
                since=since or now,
                entered_at=now,
                entered_by=actor,
                reason=self._sealed(tx, suspension_id, reason),
            )
            tx.calendar.suspend(suspension)
            self._record_suspension(tx, EventName.CARRIER_SUSPENDED, suspension, actor, suspension.reason)
            for delivery_id in deemed:
                self._reopen(tx, delivery_id, actor, because="carrier-suspended")
        self._suspensions.forget()
        return suspension

    def restore(self, channel: str, *, actor: str, reason: str) -> CarrierSuspension:
        """The carrier delivers again; what waited for that is planned anew.

        Raises Conflict (channel.not-suspended), InputRefused (request.invalid).
        """
        with self._database.write() as tx:
            sealed = self._sealed(tx, channel, reason)
            suspension = tx.calendar.restore(channel, at=self._clock.now(), by=actor, reason=sealed)
            self._record_suspension(tx, EventName.CARRIER_RESTORED, suspension, actor, sealed)
            for delivery_id in tx.calendar.waiting_for_carrier():
                _, delivery = held_with_dispatch(tx, delivery_id)
                if delivery.reason is Reason.CARRIER_SUSPENDED:
                    set_going(tx, delivery, because="carrier-restored", actor=actor, now=self._clock.now())
        self._suspensions.forget()
        return suspension

    def closures(self) -> Sequence[Closure]:
        """Every closure, by date."""
        with self._database.look_up() as tx:
            return tx.calendar.closures()

    def closed_days(self, office: str) -> frozenset[dt.date]:
        """The days on which staff closed the office."""
        return _entered(self.closures(), office)

    def carrier_suspensions(self) -> Sequence[CarrierSuspension]:
        """Every suspension, oldest first."""
        with self._database.look_up() as tx:
            return tx.calendar.suspensions()

    def suspended_channels(self) -> frozenset[str]:
        """The channels whose carrier does not deliver now: asked for before every sending."""
        now = self._clock.now()
        return frozenset(one.channel for one in self._suspensions() if one.restored_at is None and one.since <= now)

    def suspensions(self, office: str) -> tuple[Suspension, ...]:
        """The suspensions in days of the office."""
        return tuple(
            Suspension(
                channel=one.channel,
                since=today_at(office, one.since),
                until=today_at(office, one.restored_at) if one.restored_at else None,
            )
            for one in self.carrier_suspensions()
        )

    def reason(self, subject_id: str, sealed: bytes) -> str:
        """The reason that was given for an entry."""
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        return self._vault.open(key, contexts.reason(subject_id), sealed).decode()

    def _deemed_since(self, channel: str, since: dt.datetime) -> Sequence[str]:
        """What may have been settled by deeming since then: only regular mail is ever deemed received."""
        if channel != ChannelName.REGULAR_MAIL or since >= self._clock.now():
            return ()
        with self._database.look_up() as tx:
            return [one for one in tx.calendar.settled_since(since) if tx.deliveries.get(one).channel == channel]

    def _deemed_on(self, day: dt.date, office: str | None) -> Sequence[str]:
        """What was settled because it was deemed received on that day at the office, or at any."""
        found = []
        for delivery_id in self._deemed_since(ChannelName.REGULAR_MAIL, dt.datetime.combine(day, dt.time.min, dt.UTC)):
            with self._database.look_up() as tx:
                dispatch = tx.dispatches.get(tx.deliveries.get(delivery_id).dispatch)
                attempts = tx.deliveries.attempts(delivery_id)
            if office in (None, dispatch.office) and self._may_fall_on(day, dispatch, attempts):
                found.append(delivery_id)
        return found

    def _may_fall_on(self, day: dt.date, dispatch: Dispatch, attempts: Sequence[Attempt]) -> bool:
        """Whether the count of deemed receipt ends on the day, by any reading of the division's rule: what is looked at
        in vain is settled again at once."""
        also, suspensions = self.closed_days(dispatch.office), self.suspensions(dispatch.office)
        mailed = [
            today_at(dispatch.office, one.finished_at)
            for one in attempts
            if one.result is ResultName.HANDED_OVER and one.finished_at is not None
        ]
        days = partial(deemed, dispatch.division, office=dispatch.office, also=also, suspensions=suspensions)
        return any(
            days(one, abroad=abroad, iad_rolls=rolls).date == day
            for one in mailed
            for abroad in (False, True)
            for rolls in (False, True)
        )

    def _reopen(self, tx: Transaction, delivery_id: str, actor: str, *, because: str) -> None:
        """The delivery, to be settled by what its closing rule comes to now."""
        _, before = held_with_dispatch(tx, delivery_id)
        if before.state is not DeliveryState.HANDED_OVER or not before.settled:
            return
        tx.deliveries.save(replace(before, settled=False, next_action_at=None))
        state = before.state.value
        facts: dict[str, str | int | bool] = {"action": because, "from": state, "to": state}
        name, at = EventName.DELIVERY_RESOLVED, self._clock.now()
        tx.records.append(
            Event(name=name, at=at, actor=actor, dispatch=before.dispatch, delivery=before.id, facts=facts)
        )

    def _sealed(self, tx: Transaction, subject_id: str, reason: str) -> bytes:
        """The reason, sealed. Raises InputRefused (request.invalid) when none is given: no act goes without one."""
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        return self._vault.seal(
            data_key(tx.registry, contexts.DIRECTORY_KEY), contexts.reason(subject_id), reason.encode()
        )

    def _count_again(self, tx: Transaction, closure: Closure, actor: str) -> None:
        """Due dates are kept with the day they count from, so that no package has to be opened for this."""
        closures = tx.calendar.closures()
        standards = {standard.rule: standard for standard in service_standards()}
        for before in tx.calendar.open_due(office=closure.office, touching=closure.date):
            standard, office = standards.get(before.rule), offices().get(before.office)
            if standard is None or office is None:
                continue  # the rule it was counted by is gone: the date stands as it was promised
            due = count(standard, before.start, closed_at(office, _entered(closures, before.office)))
            after = replace(before, due=due.date, warn_on=due.warn_on)
            if after != before:
                tx.calendar.put_due(after)
                tx.records.append(_moved(before, after, closure, actor, self._clock.now()))

    def _record_closure(self, tx: Transaction, name: EventName, closure: Closure, actor: str, reason: bytes) -> None:
        facts: dict[str, str | int | bool] = {
            "closure": closure.id,
            "date": closure.date.isoformat(),
            "office": closure.office or "",
        }
        tx.records.append(Event(name=name, at=self._clock.now(), actor=actor, facts=facts, reason=reason))

    def _record_suspension(
        self, tx: Transaction, name: EventName, suspension: CarrierSuspension, actor: str, reason: bytes
    ) -> None:
        facts: dict[str, str | int | bool] = {
            "suspension": suspension.id,
            "channel": suspension.channel,
            "since": suspension.since.isoformat(),
        }
        tx.records.append(Event(name=name, at=self._clock.now(), actor=actor, facts=facts, reason=reason))


def _check_offices(tx: Transaction, office: str | None, actor: str) -> None:
    """Raises NotAllowed (account.other-office): days of every office are for who is bound to none."""
    if office is None:
        check_every_office(tx, actor)
    else:
        check_office(tx, office, actor)


def _entered(closures: Iterable[Closure], office: str) -> frozenset[dt.date]:
    return frozenset(one.date for one in closures if one.withdrawn_at is None and one.office in (None, office))


def _moved(before: CountedDue, after: CountedDue, closure: Closure, actor: str, now: dt.datetime) -> Event:
    facts = {"from": before.due.isoformat(), "to": after.due.isoformat(), "closure": closure.id}
    return Event(name=EventName.DUE_DATE_MOVED, at=now, actor=actor, dispatch=after.dispatch, facts=facts)
