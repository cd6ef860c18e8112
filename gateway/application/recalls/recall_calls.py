"""That somebody called a recipient whom a recall could not reach: who, when, and what was answered."""

from gateway.application import contexts
from gateway.application.people.own_offices import check_dispatch
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.dispatch import Step
from gateway.domain.events import Event, EventName
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database


class RecordRecallCall:
    """Records it. A recipient may be called as often as it takes; nothing else changes by it."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, dispatch_id: str, delivery_id: str, *, actor: str, answer: str, seen: int | None = None) -> None:
        """answer: what the recipient said, or that nobody answered; sealed under the package's key. seen: how many
        calls to them the person had before their eyes, where that is known: the same answer of theirs since is that of
        a double click, and is recorded once.

        Raises NoSuchThing (dispatch.unknown, dispatch.not-recalled, delivery.unknown: none of this dispatch),
        InputRefused (request.invalid: no answer), SetupWrong (seal.*), NotAllowed (account.other-office).
        """
        if not answer.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="--reason", expected="minLength 1")
        with self._database.write() as tx:
            dispatch = check_dispatch(tx, tx.dispatches.get(dispatch_id, lock=True), actor)
            if dispatch.step is not Step.RECALLED:
                raise NoSuchThing(Code.DISPATCH_NOT_RECALLED, where=dispatch_id)
            if delivery_id not in {one.id for one in tx.deliveries.of_dispatch(dispatch_id)}:
                raise NoSuchThing(Code.DELIVERY_UNKNOWN, where=delivery_id)
            key, context = data_key(tx.registry, dispatch.data_key), contexts.reason(delivery_id)
            calls = [
                one
                for one in tx.records.events(dispatch_id)
                if (one.name, one.delivery) == (EventName.RECALL_CALLED, delivery_id)
            ]
            since = [one for one in calls[seen:] if one.actor == actor] if seen is not None else []
            if any(one.reason and self._vault.open(key, context, one.reason) == answer.encode() for one in since):
                return
            sealed = self._vault.seal(key, context, answer.encode())
            tx.records.append(
                Event(
                    name=EventName.RECALL_CALLED,
                    at=self._clock.now(),
                    actor=actor,
                    dispatch=dispatch_id,
                    delivery=delivery_id,
                    facts={},
                    reason=sealed,
                )
            )
