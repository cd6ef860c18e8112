"""Showing that a recipient's program opens what will be sent, before a decision depends on it.

A sample without decision content goes through the real channel under the key that is pinned; that the recipient opened
it is recorded with who noted it. Both count for that key alone, at the address that it was pinned for:
another key is another test, and so is the same one at another address.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.application.recipients.directory import RecipientDirectory
from gateway.domain.codes import Code
from gateway.domain.delivery import AttemptResult
from gateway.domain.events import Event, EventName
from gateway.domain.failures import AttemptFailure
from gateway.domain.parties import ChannelName, PreferredLanguage, Recipient, RecipientChannel
from gateway.domain.problem import Conflict, InputRefused, SetupWrong
from gateway.domain.progress import result_name
from gateway.ports.channels import Channel, Consignment, Prepared
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.keys import Certificates
from gateway.ports.papers import RenderedPapers

_CHANNEL = ChannelName.ENCRYPTED_EMAIL.value


@dataclass(frozen=True, kw_only=True)
class KeyTest:
    """A sample that was handed over, or the recipient's word that they opened one: of which key."""

    recipient: str
    fingerprint: str
    at: str
    by: str


class KeyTests:
    """Sends samples and records what came of them."""

    def __init__(
        self,
        *,
        directory: RecipientDirectory,
        certificates: Certificates,
        channels: Mapping[str, Channel],
        sample: Callable[[PreferredLanguage], RenderedPapers],
        database: Database,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._certificates = certificates
        self._channels = channels
        self._sample = sample
        self._database = database
        self._clock = clock

    async def send(self, recipient_id: str, *, actor: str) -> KeyTest:
        """Sends a sample. Raises NoSuchThing (recipient.unknown), SetupWrong (settings.invalid: no such channel),
        InputRefused (key.missing; key.test-not-sent with the reason, when it was not handed over)."""
        entry = self._directory.known(recipient_id)
        channel = self._channels.get(_CHANNEL)
        if channel is None:
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{_CHANNEL}")
        way, fingerprint = self._pinned(entry)
        try:
            result = await self._sent(channel, entry, way)
        finally:
            await channel.close()
        test = self._record(EventName.KEY_TESTED, entry, fingerprint, actor, result=result_name(result).value)
        if isinstance(result, AttemptFailure):
            raise InputRefused(Code.KEY_TEST_NOT_SENT, where=recipient_id, reason=result.reason.value)
        return test

    def confirm(self, recipient_id: str, *, actor: str) -> KeyTest:
        """The recipient opened it. Raises NoSuchThing, InputRefused (key.missing), Conflict (key.not-tested) when no
        sample under the key that is pinned now was handed over."""
        entry = self._directory.known(recipient_id)
        _, fingerprint = self._pinned(entry)
        since = self._since(entry.id)
        if not any(
            event.facts["recipient"] == entry.id
            and event.facts["result"] == "handed-over"
            and _counts(event, since)
            and event.facts["fingerprint"] == fingerprint
            for event in self._events(EventName.KEY_TESTED)
        ):
            raise Conflict(Code.KEY_NOT_TESTED, where=recipient_id)
        return self._record(EventName.KEY_CONFIRMED, entry, fingerprint, actor)

    def confirmed(self, recipient: str | None = None) -> Mapping[tuple[str, str], KeyTest]:
        """The last confirmation by recipient and fingerprint, of keys as they are pinned now; of that recipient alone,
        or of all."""
        events = self._events(EventName.KEY_CONFIRMED)
        named = {str(event.facts["recipient"]) for event in events}
        since = {one: self._since(one) for one in named if recipient in {None, one}}
        tests = [_test(one) for one in events if _counts(one, since.get(str(one.facts["recipient"]), {}))]
        return {(test.recipient, test.fingerprint): test for test in tests}

    def _since(self, recipient: str) -> Mapping[str, dt.datetime]:
        """Since when each key that is pinned now is, by fingerprint."""
        return {one.fingerprint: one.pinned_at for one in self._directory.pins(recipient) if one.ended_at is None}

    async def _sent(self, channel: Channel, entry: Recipient, way: RecipientChannel) -> AttemptResult:
        papers = self._sample(entry.language)
        prepared = channel.prepare(
            Consignment(
                reference=channel.mint_reference(),
                address=way,
                message=papers.message,
                documents=papers.documents,
                language=entry.language,
                at=self._clock.now(),
            )
        )
        return await channel.send(prepared) if isinstance(prepared, Prepared) else prepared

    def _pinned(self, entry: Recipient) -> tuple[RecipientChannel, str]:
        way = entry.channel(_CHANNEL)
        if way is not None and way.certificate is not None:
            return way, self._certificates.facts(way.certificate).fingerprint
        if way is not None and way.fingerprint is not None:
            return way, way.fingerprint
        raise InputRefused(Code.KEY_MISSING, where=entry.id)

    def _record(self, name: EventName, entry: Recipient, fingerprint: str, actor: str, **facts: str) -> KeyTest:
        event = Event(
            name=name,
            at=self._clock.now(),
            actor=actor,
            facts={"recipient": entry.id, "channel": _CHANNEL, "fingerprint": fingerprint} | facts,
        )
        with self._database.write() as tx:
            tx.records.append(event)
        return _test(event)

    def _events(self, name: EventName) -> list[Event]:
        with self._database.read() as tx:
            return list(tx.records.events_besides(name))


def _counts(event: Event, since: Mapping[str, dt.datetime]) -> bool:
    pinned = since.get(str(event.facts["fingerprint"]))
    return pinned is not None and pinned <= event.at


def _test(event: Event) -> KeyTest:
    return KeyTest(
        recipient=str(event.facts["recipient"]),
        fingerprint=str(event.facts["fingerprint"]),
        at=event.at.isoformat(),
        by=event.actor,
    )
