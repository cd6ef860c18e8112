"""What the Registry sends about a file's parties: kept sealed, in whatever order it comes, and asked before sending."""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.acts.set_going import held_with_dispatch, set_going
from gateway.application.casework import Case
from gateway.application.files.heed_parties import heed
from gateway.application.files.parties_json import message_to_json, planned_from_json, planned_to_json, read_parties
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.account_consent import AccountConsent
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.file_parties import (
    ELECTRONIC,
    PartiesMessage,
    PlannedFor,
    Sending,
    as_they_stand,
    held_back,
    missing_from,
    spoken_as_of,
)
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import Participant
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.parties import StoredParties

STAFF = "staff"
"""The source of what staff confirm."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message as kept. `repeat` when it had come before; `planned_again`: deliveries that had waited for it.

    stopped: deliveries that waited to be sent and do not go as they were planned. missing: the numbers of messages of
    this source about the file that others name and that did not come: they are asked for.
    """

    stored: StoredParties
    repeat: bool
    planned_again: int = 0
    stopped: int = 0
    missing: tuple[int, ...] = ()


Said = Callable[[str | None], AccountConsent | None]


class FileParties:
    """Takes messages in and answers from them. max_age: how old the Registry's last word may be at sending; zero: any
    age."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        today: Callable[[str, dt.datetime], dt.date],
        max_age: dt.timedelta,
        said: Said,
        clock: Clock,
    ) -> None:
        """said: what whoever stands behind an entry of the directory last said of electronic delivery."""
        self._said = said
        self._database = database
        self._vault = vault
        self._today = today
        self._max_age = max_age
        self._clock = clock

    def receive(self, file: str, raw: bytes, *, actor: str) -> Received:
        """Keeps the message. The same sequence and content again changes nothing.

        Raises InputRefused (parties.invalid), Conflict (parties.conflict: the sequence came with other content).
        """
        message = read_parties(raw)
        with self._database.write() as tx:
            before = tx.parties.find(message.division, file, source=message.source, sequence=message.sequence)
            if before is None:
                received = self._keep(tx, file, message, raw, actor)
            elif before.digest == sha256(raw) or self._open(tx, before) == message:
                received = Received(stored=before, repeat=True)
            else:
                raise Conflict(Code.PARTIES_CONFLICT, where="$.sequence", sequence=message.sequence)
            missing = missing_from(self._messages(tx, message.division, [file]), message.source)
        # A repeat too: the first may have ended between the two.
        stopped = self._heed(received.stored, actor)
        return replace(received, stopped=stopped, missing=missing)

    def confirm(self, division: Division, file: str, *, actor: str, reason: str) -> Received:
        """A named person found out that the parties stand as they did. Raises InputRefused (request.invalid)."""
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        now = self._clock.now()
        with self._database.write() as tx:
            tx.parties.find(division, file, source=STAFF, sequence=0)  # holds the table
            message = PartiesMessage(
                schema="file-parties/1",
                division=division,
                sequence=tx.parties.last_sequence(division, file, source=STAFF) + 1,
                effective_at=now,
                source=STAFF,
                note=reason,
            )
            return self._keep(tx, file, message, message_to_json(message), actor)

    def of_file(self, division: Division, file: str) -> Sequence[tuple[StoredParties, PartiesMessage]]:
        """What was said of the file, in the order it came."""
        with self._database.read() as tx:
            return [(stored, self._open(tx, stored)) for stored in tx.parties.of_files(division, [file])]

    def as_they_stand(self, package: DecisionPackage) -> DecisionPackage:
        """The package with counsel, designations and consents as they stand now."""
        with self._database.look_up() as tx:
            messages = self._messages(tx, package.division, [one.number for one in package.files])
        said = {one.id: self._said(one.recipient) for one in package.participants if one.recipient is not None}
        return as_they_stand(package, messages, self._clock.now(), said=said)

    def planned_for(self, case: Case, delivery: Delivery, participant: Participant) -> bytes:
        """Whom the delivery's papers are made for, sealed: what is asked again at sending is held against it."""
        planned = PlannedFor(
            participant=participant,
            as_of=spoken_as_of(case.decision.decision),
            known=tuple(one.id for one in case.decision.participants),
            addressed_at=case.addressed.get(delivery.id),
        )
        return self._vault.seal(case.key, contexts.planned(delivery.id), planned_to_json(planned))

    def made_for(self, delivery: Delivery, key: DataKey) -> PlannedFor | None:
        """Whom the delivery's papers were made for; None where that was not kept."""
        with self._database.look_up() as tx:
            sealed = tx.parties.planned(delivery.id)
        return self.was_made_for(delivery, sealed, key)

    def was_made_for(self, delivery: Delivery, sealed: bytes | None, key: DataKey) -> PlannedFor | None:
        """Whom papers of the delivery were made for, from what was kept with them; None where nothing was."""
        if sealed is None:
            return None
        return planned_from_json(self._vault.open(key, contexts.planned(delivery.id), sealed))

    def held_back(self, dispatch: Dispatch, delivery: Delivery, channel: str, key: DataKey) -> Reason | None:
        """Why nothing of the delivery may be sent by that channel now, if so."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            planned = self.was_made_for(delivery, tx.parties.planned(delivery.id), key)
            if planned is None:
                return None  # rendered by a release that did not keep it
            stored = tx.parties.of_files(dispatch.division, dispatch.files)
            messages = [_against(one, self._open(tx, one), dispatch, planned) for one in stored]
        newer = [
            message
            for one, message in zip(stored, messages, strict=True)
            if planned.addressed_at is None or max(one.received_at, message.effective_at) > planned.addressed_at
        ]
        sending = Sending(
            channel=channel,
            now=now,
            today=self._today(dispatch.office, now),
            confirmed_at=max([dispatch.accepted_at, *(one.received_at for one in stored)]),
            max_age=self._max_age,
        )
        said = self._said(delivery.recipient) if channel in ELECTRONIC else None
        return held_back(planned, messages, sending, of_address=newer, said=said)

    def reached_abroad(self, delivery: Delivery, key: DataKey) -> bool:
        """Whether the papers were made for a postal address outside Canada."""
        planned = self.made_for(delivery, key)
        contact = planned.participant.contact if planned else None
        return contact is not None and contact.postal is not None and contact.postal.country != "CA"

    def _heed(self, stored: StoredParties, actor: str) -> int:
        return heed(
            self._database,
            self.held_back,
            lambda tx: tx.parties.to_be_sent(stored.division, stored.file),
            because={"source": stored.source, "sequence": stored.sequence},
            actor=actor,
            now=self._clock.now(),
        )

    def _keep(self, tx: Transaction, file: str, message: PartiesMessage, raw: bytes, actor: str) -> Received:
        now, message_id = self._clock.now(), str(uuid.uuid4())
        key = self._key(tx, message.division, file)
        stored = StoredParties(
            id=message_id,
            division=message.division,
            file=file,
            source=message.source,
            sequence=message.sequence,
            effective_at=message.effective_at,
            received_at=now,
            received_by=actor,
            digest=sha256(raw),
            sealed=self._vault.seal(key, contexts.parties(message_id), raw),
        )
        tx.parties.add(stored)
        facts: dict[str, str | int | bool] = {
            "division": message.division.value,
            "file": file,
            "source": message.source,
            "sequence": message.sequence,
            "changes": len(message.changes),
            "digest": stored.digest,
        }
        tx.records.append(Event(name=EventName.PARTIES_RECEIVED, at=now, actor=actor, facts=facts))
        return Received(stored=stored, repeat=False, planned_again=self._plan_again(tx, stored, actor))

    def _plan_again(self, tx: Transaction, stored: StoredParties, actor: str) -> int:
        """What waited for word of the parties goes on: planned anew, by what was said."""
        count = 0
        for delivery_id in tx.parties.waiting(stored.division, Reason.PARTIES_NOT_CONFIRMED):
            dispatch, delivery = held_with_dispatch(tx, delivery_id)
            if stored.file in dispatch.files:
                set_going(tx, delivery, because="parties-confirmed", actor=actor, now=self._clock.now())
                count += 1
        return count

    def _messages(self, tx: Transaction, division: Division, files: Sequence[str]) -> list[PartiesMessage]:
        return [self._open(tx, one) for one in tx.parties.of_files(division, files)]

    def _open(self, tx: Transaction, stored: StoredParties) -> PartiesMessage:
        key = data_key(tx.registry, file_key(stored.division, stored.file))
        return read_parties(self._vault.open(key, contexts.parties(stored.id), stored.sealed))

    def _key(self, tx: Transaction, division: Division, file: str) -> DataKey:
        """A key for each file, so that what was said of it can be destroyed with it."""
        key_id = file_key(division, file)
        if not tx.registry.has_data_key(key_id):
            made = self._vault.new_key(key_id)
            tx.registry.add_data_key(made.id, made.wrapped)
        return data_key(tx.registry, key_id)


def _against(stored: StoredParties, message: PartiesMessage, dispatch: Dispatch, planned: PlannedFor) -> PartiesMessage:
    """A word of before the signature that came after the package: the package does not know it, and may contradict it,
    so that it counts as if it were said with the signature; of consent the package's own date decides."""
    if stored.received_at <= dispatch.accepted_at or message.effective_at >= planned.as_of:
        return message
    changes = tuple(replace(one, electronic=None) for one in message.changes)
    return replace(message, effective_at=planned.as_of, changes=changes)


def received_view(received: Received) -> dict[str, object]:
    """What the sender of a message is told."""
    stored = received.stored
    return {
        "division": stored.division.value,
        "file": stored.file,
        "source": stored.source,
        "sequence": stored.sequence,
        "repeat": received.repeat,
        "planned_again": received.planned_again,
        "stopped": received.stopped,
        "missing": list(received.missing),
    }


def file_key(division: Division, file: str) -> str:
    """The id of the data key of what was said of a file."""
    return f"file/{division.value}/{file}"
