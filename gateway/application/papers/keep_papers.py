"""Papers as they were drawn, sealed and written with what became of their deliveries: from then on these are ready to
go."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.application import contexts
from gateway.application.casework import Case
from gateway.application.papers.message_json import message_to_json
from gateway.application.sealed import Put, Vault
from gateway.domain.delivery import Delivery
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event, EventName
from gateway.domain.parties import Participant
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.papers import RenderedDocument, RenderedPapers
from gateway.ports.records import RenderedRecord
from gateway.ports.work import LeaseLost

MESSAGE_MEDIA_TYPE = "application/json"


@dataclass(frozen=True, kw_only=True)
class Made:
    """Papers, and whom they were made for."""

    participant: Participant
    papers: RenderedPapers


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What rendering made of a delivery: its papers and whom they are for, or what a person is told instead."""

    before: Delivery
    after: Delivery
    facts: Mapping[str, str] = field(default_factory=dict)
    made: Made | None = None

    @property
    def size(self) -> int:
        """The bytes of the papers."""
        return sum(len(one.content) for one in self.made.papers.documents) if self.made else 0


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """Papers under seal. planned_for: whom they were made for."""

    drawn: Drawn
    records: Sequence[RenderedRecord]
    planned_for: bytes


class KeepPapers:
    """Keeps what was drawn of several deliveries of a dispatch, in one transaction."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        hold: dt.timedelta,
        planned_for: Callable[[Case, Delivery, Participant], bytes],
        clock: Clock,
    ) -> None:
        """hold: how long papers wait before they may go. planned_for: whom they are made for, sealed, so that it can be
        asked again at sending."""
        self._database = database
        self._vault = vault
        self._hold = hold
        self._planned_for = planned_for
        self._clock = clock

    def __call__(self, case: Case, drawn: Sequence[Drawn], *, ends: bool) -> None:
        """ends: with them the dispatch's step is done. Raises LeaseLost when another worker or a person moved things on
        meanwhile: then nothing is kept."""
        if not drawn and not ends:
            return
        with self._vault.keeping() as put:
            kept = {one.before.id: self._sealed(put, case, one, one.made) for one in drawn if one.made}
            with self._database.write() as tx:
                # First, so that locks are taken in one order: the dispatch, then its deliveries.
                if ends:
                    tx.dispatches.save(done(case.dispatch))
                elif tx.dispatches.get(case.dispatch.id).fence != case.dispatch.fence:
                    raise LeaseLost
                _check_unchanged(tx, [one.before for one in drawn])
                self._write(tx, drawn, kept)

    def _write(self, tx: Transaction, drawn: Sequence[Drawn], kept: Mapping[str, _Kept]) -> None:
        now = self._clock.now()
        _make_room(tx, [one.drawn.before for one in kept.values()])
        tx.records.add_documents([record for one in kept.values() for record in one.records])
        for delivery_id, one in kept.items():
            tx.parties.put_planned(delivery_id, one.planned_for)
        for each in drawn:
            ready = each.before.id in kept
            tx.deliveries.save(replace(each.after, next_action_at=now + self._hold) if ready else each.after)
        tx.records.append(*(_event(one, kept.get(one.before.id), now) for one in drawn))

    def _sealed(self, put: Put, case: Case, drawn: Drawn, made: Made) -> _Kept:
        delivery, message = drawn.before, message_to_json(made.papers)
        told = RenderedDocument(kind=None, name="message", media_type=MESSAGE_MEDIA_TYPE, content=message, pages=None)
        records = [
            RenderedRecord(
                delivery=delivery.id,
                ordinal=ordinal,
                kind=one.kind,
                name=one.name,
                media_type=one.media_type,
                digest=sha256(one.content),
                size=len(one.content),
                pages=one.pages,
                object_name=put(case.key, contexts.papers(delivery.id), one.content),
                language=one.language,
            )
            for ordinal, one in enumerate((told, *made.papers.documents))
        ]
        return _Kept(drawn=drawn, records=records, planned_for=self._planned_for(case, delivery, made.participant))


def done(dispatch: Dispatch) -> Dispatch:
    """The dispatch with nothing more to do before its deliveries go."""
    return replace(dispatch, step=Step.DONE, attempts=0, next_action_at=None, lease_until=None)


def _check_unchanged(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Rendering takes its time. Raises LeaseLost when a person moved one of them on meanwhile."""
    standing = tx.deliveries.held([one.id for one in deliveries])
    if any(standing.get(one.id) != one for one in deliveries):
        raise LeaseLost


def _make_room(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Papers that others take the place of are set aside."""
    have = tx.former_papers.stand([one.id for one in deliveries])
    for delivery in deliveries:
        if delivery.id in have and tx.former_papers.set_aside(delivery.id, fence=delivery.fence):
            tx.records.drop_documents(delivery.id)


def _event(drawn: Drawn, kept: _Kept | None, now: dt.datetime) -> Event:
    rendered = {} if kept is None else {"digests": " ".join(record.digest for record in kept.records)}
    return Event(
        name=EventName.PERSON_CALLED if kept is None else EventName.DELIVERY_RENDERED,
        at=now,
        actor="gateway",
        dispatch=drawn.after.dispatch,
        delivery=drawn.after.id,
        facts={**drawn.facts, **rendered},
    )
