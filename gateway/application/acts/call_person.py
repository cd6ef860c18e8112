"""Calls a person for a delivery by a statement of ours, which stands among what came back until somebody closes it."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.application import contexts
from gateway.application.sealed import Vault, data_key
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.report import Finding
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.incoming import Handling, Incoming


@dataclass(frozen=True, kw_only=True)
class PersonCall:
    """source: whose word it is. statement: what is said; the same again calls nobody a second time. facts: for the
    record, beside the finding."""

    source: str
    statement: bytes
    finding: Finding
    dispatch: str
    delivery: str
    attempt: str
    facts: Mapping[str, str] = field(default_factory=dict)


def _nothing(_: Transaction) -> None:
    """What else is to be kept: nothing."""


class CallPerson:
    """Each statement once, however often and from wherever it is made."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, call: PersonCall, *, besides: Callable[[Transaction], None] = _nothing) -> bool:
        """Whether a person is called now who was not before. besides: what is kept in the same transaction, in any
        case."""
        digest, number, now = sha256(call.statement), str(uuid.uuid4()), self._clock.now()
        with self._database.look_up() as tx:
            known = tx.incoming.same(call.source, digest)
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        if known is not None:
            with self._database.write() as tx:
                besides(tx)
            return False
        with self._vault.keeping() as put:
            kept = Incoming(
                id=number,
                source=call.source,
                digest=digest,
                size=len(call.statement),
                received_at=now,
                object_name=put(key, contexts.incoming(number), call.statement),
                handling=Handling.FOR_PERSON,
                finding=call.finding,
                delivery=call.delivery,
            )
            called = Event(
                name=EventName.PERSON_CALLED,
                at=now,
                actor="gateway",
                dispatch=call.dispatch,
                delivery=call.delivery,
                attempt=call.attempt,
                facts={"incoming": number, "finding": call.finding.value, **call.facts},
            )
            with self._database.write() as tx:
                besides(tx)
                added = tx.incoming.add(kept)
                if added:
                    tx.records.append(called)
        return added
