"""The endpoints that are told: who may be called, and what is told again."""

import base64
import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.application import contexts
from gateway.application.rounds import Round
from gateway.application.sealed import Vault, data_key
from gateway.domain.calls import CallPolicy, Endpoint, Subject, may_be_called
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.problem import InputRefused
from gateway.ports.calls import Untold
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

_SECRET_BYTES = 32
_SECRET_PREFIX = "whsec_"  # noqa: S105  (Standard Webhooks 1.0.0, "Signature scheme")
_EVERY = dt.timedelta(hours=1)
_FORGETTING = "calls"


@dataclass(frozen=True, kw_only=True)
class NewEndpoint:
    """An endpoint just added. `secret` is shown once; it is kept sealed, since calls are signed under it."""

    endpoint: Endpoint
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class EndpointStanding:
    """An endpoint, and what it has not been told yet."""

    endpoint: Endpoint
    untold: Untold | None


class Endpoints:
    """Adds, lists and removes endpoints, and tells them again."""

    def __init__(self, *, database: Database, vault: Vault, policy: CallPolicy, clock: Clock) -> None:
        self._database = database
        self._forgetting = Round(database, _FORGETTING, every=_EVERY)
        self._vault = vault
        self._policy = policy
        self._clock = clock

    def add(self, url: str, subject: Subject, submitter: str, *, actor: str) -> NewEndpoint:
        """A new endpoint. submitter: see `Endpoint`; a token's number stands for the token.

        Raises InputRefused (endpoint.url).
        """
        if not may_be_called(url):
            raise InputRefused(Code.ENDPOINT_URL, where="url")
        secret, endpoint_id, now = secrets.token_bytes(_SECRET_BYTES), str(uuid.uuid4()), self._clock.now()
        with self._database.write() as tx:
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
            known = {one.id for one in tx.registry.tokens()}
            endpoint = Endpoint(
                id=endpoint_id,
                url=url,
                subject=subject,
                submitter=f"token:{submitter}" if submitter in known else submitter,
                secret=self._vault.seal(key, contexts.endpoint(endpoint_id), secret),
                added_at=now,
                added_by=actor,
            )
            tx.calls.add_endpoint(endpoint)
            self._record(tx, EventName.ENDPOINT_ADDED, endpoint, actor)
        return NewEndpoint(endpoint=endpoint, secret=_SECRET_PREFIX + base64.b64encode(secret).decode())

    def all(self) -> Sequence[EndpointStanding]:
        """Every endpoint, oldest first."""
        with self._database.read() as tx:
            untold = tx.calls.untold()
            return [EndpointStanding(endpoint=one, untold=untold.get(one.id)) for one in tx.calls.endpoints()]

    def remove(self, endpoint_id: str, *, actor: str) -> None:
        """It is called no more. Raises NoSuchThing (endpoint.unknown)."""
        with self._database.write() as tx:
            endpoint = tx.calls.endpoint(endpoint_id, lock=True)
            tx.calls.save_endpoint(replace(endpoint, removed_at=self._clock.now()))
            tx.calls.drop(endpoint_id)
            self._record(tx, EventName.ENDPOINT_REMOVED, endpoint, actor)

    def replay(self, endpoint_id: str, *, since: dt.datetime | None, call: str | None, actor: str) -> int:
        """Ends a suspension, and tells again what was made since then, or from a call on, under the same ids.

        With neither, what has not been told yet is due at once. Returns how much is to be told.
        Raises NoSuchThing (endpoint.unknown, endpoint.call-unknown).
        """
        with self._database.write() as tx:
            endpoint = tx.calls.endpoint(endpoint_id, lock=True)
            if call is not None:
                since = tx.calls.made_at(endpoint_id, call)
            if since is not None:
                tx.calls.tell_again(endpoint_id, since=since)
            else:
                tx.calls.hurry(endpoint_id)
            tx.calls.save_endpoint(
                replace(endpoint, failures=0, failing_since=None, next_call_at=None, suspended_at=None, fault=None)
            )
            self._record(tx, EventName.ENDPOINT_REPLAYED, endpoint, actor)
            untold = tx.calls.untold().get(endpoint_id)
        return untold.count if untold else 0

    def forget_if_due(self) -> None:
        """Removes what was told so long ago that nobody asks for it again."""
        now = self._clock.now()
        if not self._forgetting.may_begin(now):
            return
        with self._database.write() as tx:
            if tx.watch.begin(_FORGETTING, now=now, every=_EVERY):
                tx.calls.forget(before=now - self._policy.keep)

    def suspended(self) -> Sequence[Endpoint]:
        """Those that are called no more because they kept failing."""
        with self._database.look_up() as tx:
            return [one for one in tx.calls.endpoints() if one.suspended_at is not None]

    def _record(self, tx: Transaction, name: EventName, endpoint: Endpoint, actor: str) -> None:
        facts = {"endpoint": endpoint.id, "subject": endpoint.subject.value, "submitter": endpoint.submitter}
        tx.records.append(Event(name=name, at=self._clock.now(), actor=actor, facts=facts))
