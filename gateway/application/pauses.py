"""Channels of ours that a person stops: nothing is taken for them until a person says so again."""

import datetime as dt
from dataclasses import replace

from gateway.application import contexts
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.registry import ChannelPause

FOR_GOOD = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
"""Until somebody says so."""


class Pauses:
    """A pause holds back what is not yet on its way. What is due meanwhile goes on by the next channel in time, or to a
    person."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def pause(
        self, channel: str, *, actor: str, reason: str, because: Reason = Reason.PAUSED_BY_PERSON
    ) -> ChannelPause:
        """Nothing is taken for the channel from now on. because: what everybody is shown.

        Raises InputRefused (request.invalid: no reason), Conflict (channel.paused: for that same cause already).
        """
        now = self._clock.now()
        pause = ChannelPause(channel=channel, since=now, until=FOR_GOOD, reason=because.value)
        with self._database.write() as tx:
            if any(replace(one, since=now) == pause for one in tx.registry.pauses(lock=True)):
                raise Conflict(Code.CHANNEL_PAUSED, channel=channel)
            tx.registry.pause_channel(pause)
            self._record(tx, EventName.CHANNEL_PAUSED, channel, actor, reason)
        return pause

    def resume(self, channel: str, *, actor: str, reason: str) -> None:
        """What waits may go again, whoever or whatever had paused the channel.

        Raises Conflict (channel.not-paused), InputRefused (request.invalid: no reason).
        """
        with self._database.write() as tx:
            if not tx.registry.resume_channel(channel, self._clock.now()):
                raise Conflict(Code.CHANNEL_NOT_PAUSED, channel=channel)
            self._record(tx, EventName.CHANNEL_RESUMED, channel, actor, reason)

    def _record(self, tx: Transaction, name: EventName, channel: str, actor: str, reason: str) -> None:
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        sealed = self._vault.seal(key, contexts.reason(channel), reason.encode())
        tx.records.append(
            Event(name=name, at=self._clock.now(), actor=actor, facts={"channel": channel}, reason=sealed)
        )


def is_paused(tx: Transaction, channel: str, now: dt.datetime) -> bool:
    """Whether nothing may be taken for the channel now, by a person's word or because it is not set up rightly."""
    return any(one.channel == channel and one.until > now for one in tx.registry.pauses())
