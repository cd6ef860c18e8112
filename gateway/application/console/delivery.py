"""One delivery before a person: what happened to it, why it goes the way it goes, and what they can do about it now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.acts.acting import Act, Acted, AskedAct
from gateway.application.acts.person_acts import state_after
from gateway.application.papers.examine import RELEASABLE
from gateway.application.people.own_offices import check_dispatch
from gateway.application.sealed import Vault, data_key, package_key
from gateway.application.views import View
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery, DeliveryState
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, NoSuchThing, NotAllowed
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord, RenderedRecord


@dataclass(frozen=True, kw_only=True)
class Look:
    """A delivery as it stands. seen: changes whenever anything happens to it. reasons: what people gave as theirs, by
    the place of their event. route: how the rules plan it now; None where the package is no longer kept."""

    dispatch: Dispatch
    delivery: Delivery
    events: Sequence[Event]
    attempts: Sequence[Attempt]
    receipts: Sequence[ReceiptRecord]
    papers: Sequence[RenderedRecord]
    """What its recipient gets, as kept; none before they are made."""
    possible: Sequence[Action]
    seen: str
    reasons: Mapping[int, str]
    route: View | None = None

    @property
    def last_act(self) -> Event | None:
        """What a person did last."""
        acts = [one for one in self.events if one.name is EventName.DELIVERY_RESOLVED]
        return acts[-1] if acts else None


_READINGS = frozenset({EventName.CARRIERS_WORDS_READ, EventName.PAPERS_READ, EventName.RECEIPT_OPENED})
"""Whoever reads changes nothing: a form that was open meanwhile holds."""


class LookAt:
    """Reads one delivery. explain: the plan of a dispatch with its rules, as things stand."""

    def __init__(
        self, *, database: Database, vault: Vault, explain: Callable[[str], View], act: Act, clock: Clock
    ) -> None:
        self._database = database
        self._vault = vault
        self._explain = explain
        self._act = act
        self._clock = clock

    def __call__(self, delivery_id: str, *, viewer: str, reasons: bool) -> Look:
        """The delivery. reasons: whether the person may read what others gave as theirs.

        Raises NoSuchThing (delivery.unknown), NotAllowed (account.other-office).
        """
        with self._database.read() as tx:
            look = self._read(tx, delivery_id, viewer, reasons=reasons)
            kept = tx.registry.has_data_key(look.dispatch.data_key)
        return _with_route(look, self._explain(look.dispatch.id)) if kept else look

    def stands(self, delivery_ids: Sequence[str], *, viewer: str) -> Sequence[Look]:
        """Several as they stand, without reasons and routes; what is no delivery of theirs is passed over."""
        found = []
        with self._database.read() as tx:
            for one in delivery_ids:
                try:
                    found.append(self._read(tx, one, viewer, reasons=False))
                except (NoSuchThing, NotAllowed):
                    continue
        return found

    def words(self, delivery_id: str, *, actor: str) -> Mapping[str, str]:
        """What the carriers said, by attempt. That it was read is recorded.

        Raises NoSuchThing (delivery.unknown), Conflict (retention.expired), NotAllowed (account.other-office).
        """
        with self._database.write() as tx:
            delivery = tx.deliveries.get(delivery_id)
            dispatch = check_dispatch(tx, tx.dispatches.get(delivery.dispatch), actor)
            if not tx.registry.has_data_key(dispatch.data_key):
                raise Conflict(Code.RETENTION_EXPIRED, where=dispatch.id)
            key = data_key(tx.registry, dispatch.data_key)
            attempts = tx.deliveries.attempts_of([delivery_id]).get(delivery_id, ())
            tx.records.append(
                Event(
                    name=EventName.CARRIERS_WORDS_READ,
                    at=self._clock.now(),
                    actor=actor,
                    dispatch=dispatch.id,
                    delivery=delivery_id,
                )
            )
        return {
            one.id: self._vault.open(key, contexts.words(one.id), one.words).decode() for one in attempts if one.words
        }

    def paper(self, delivery_id: str, place: int, *, actor: str) -> tuple[str, bytes]:
        """The media type and bytes of a paper as the recipient gets it. That it was opened is recorded first.

        Raises NoSuchThing (delivery.unknown, document.unknown), Conflict (retention.expired), NotAllowed
        (account.other-office), ServiceDown.
        """
        with self._database.write() as tx:
            found = tx.dispatches.get(tx.deliveries.get(delivery_id).dispatch)
            dispatch = check_dispatch(tx, found, actor)
            key = package_key(tx.registry, dispatch)
            record = next((one for one in _papers(tx, delivery_id) if one.ordinal == place), None)
            if record is None:
                raise NoSuchThing(Code.DOCUMENT_UNKNOWN, where=str(place))
            tx.records.append(
                Event(
                    name=EventName.PAPERS_READ,
                    at=self._clock.now(),
                    actor=actor,
                    dispatch=dispatch.id,
                    delivery=delivery_id,
                    facts={"document": place, "digest": record.digest},
                )
            )
        return record.media_type, self._vault.get(key, contexts.papers(delivery_id), record.object_name)

    def act(self, delivery_id: str, asked: AskedAct, *, actor: str, seen: str) -> Acted:
        """Does it, if nothing happened to the delivery since the page was made that shows it as `seen`.

        Raises Conflict (delivery.changed-meanwhile), NotAllowed (account.other-office), and what `Act` raises.
        """
        with self._database.read() as tx:
            standing = self._read(tx, delivery_id, actor, reasons=False)
        if standing.seen != seen:
            raise Conflict(Code.DELIVERY_CHANGED_MEANWHILE, where=delivery_id)
        return self._act(delivery_id, asked, actor=actor)

    def _read(self, tx: Transaction, delivery_id: str, viewer: str, *, reasons: bool) -> Look:
        delivery = tx.deliveries.get(delivery_id)
        dispatch = check_dispatch(tx, tx.dispatches.get(delivery.dispatch), viewer)
        events = [one for one in tx.records.events(dispatch.id) if one.delivery in {None, delivery_id}]
        told = [one for one in events if one.name not in _READINGS]
        return Look(
            dispatch=dispatch,
            delivery=delivery,
            events=events,
            attempts=tx.deliveries.attempts_of([delivery_id]).get(delivery_id, ()),
            receipts=tx.records.receipts_of([delivery_id]).get(delivery_id, ()),
            papers=_papers(tx, delivery_id) if tx.registry.has_data_key(dispatch.data_key) else (),
            possible=_possible(delivery),
            seen=sha256(f"{delivery!r} {len(told)}".encode()),
            reasons=self._reasons(tx, dispatch, events) if reasons else {},
        )

    def _reasons(self, tx: Transaction, dispatch: Dispatch, events: Sequence[Event]) -> Mapping[int, str]:
        acts = {place: one for place, one in enumerate(events) if one.name is EventName.DELIVERY_RESOLVED}
        if not acts or not tx.registry.has_data_key(dispatch.data_key):
            return {}
        key = data_key(tx.registry, dispatch.data_key)
        return {
            place: self._vault.open(key, contexts.reason(one.delivery or ""), one.reason).decode()
            for place, one in acts.items()
            if one.reason is not None
        }


def _papers(tx: Transaction, delivery_id: str) -> Sequence[RenderedRecord]:
    """Without the text of a message, which has no kind."""
    return [one for one in tx.records.documents(delivery_id) if one.kind is not None]


def _with_route(look: Look, plan: View) -> Look:
    """The participant's part of the plan."""
    participants = plan["participants"]
    assert isinstance(participants, list)  # noqa: S101  (as `explained` makes it)
    ours = [one for one in participants if look.delivery.participant in (one["participant"], *one["members"])]
    return replace(look, route=ours[0] if ours else None)


def _possible(delivery: Delivery) -> Sequence[Action]:
    """The acts that the table of states and what was found allow now."""
    return [one for one in Action if _allowed(delivery, one)]


def _allowed(delivery: Delivery, action: Action) -> bool:
    if action is Action.RELEASE and delivery.state is DeliveryState.NEEDS_PERSON and delivery.reason not in RELEASABLE:
        return False
    try:
        state_after(delivery, action)
    except Conflict:
        return False
    return True
