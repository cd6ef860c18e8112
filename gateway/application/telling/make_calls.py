"""Makes the calls that are due: taken under a lease, made outside any transaction, each recorded by itself.

A call may be made twice, its answer lost on the way or its lease run out: it then bears the same id. The signature is
that of Standard Webhooks 1.0.0, "Signature scheme".
"""

import base64
import datetime as dt
import hashlib
import hmac
import random
from collections.abc import Sequence
from dataclasses import replace

from gateway.application import contexts
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.calls import Call, CallFault, CallPolicy, Endpoint, after_call
from gateway.domain.events import Event, EventName
from gateway.domain.problem import NoSuchThing
from gateway.ports.calls import Caller, Request
from gateway.ports.clock import Clock
from gateway.ports.database import Database


class MakeCalls:
    """Calls every endpoint that has something due. Safe to run anywhere, any number of times."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        caller: Caller,
        policy: CallPolicy,
        lease: dt.timedelta,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._caller = caller
        self._policy = policy
        self._lease = lease
        self._clock = clock

    def __call__(self, limit: int) -> int:
        """How many calls were made, at most `limit`."""
        with self._database.look_up() as tx:
            if not tx.calls.ready(now=self._clock.now()):
                return 0
        claimed, key = self._claim(limit)
        faults = self._caller([self._request(endpoint, call, key) for endpoint, call in claimed]) if claimed else ()
        for (endpoint, call), fault in zip(claimed, faults, strict=True):
            self._record(endpoint, call, fault)
        return len(claimed)

    def _claim(self, limit: int) -> tuple[Sequence[tuple[Endpoint, Call]], DataKey]:
        """Of an endpoint that failed last, one call by one worker: the others wait for what becomes of it."""
        now = self._clock.now()
        claimed: list[tuple[Endpoint, Call]] = []
        with self._database.write() as tx:
            ready = tx.calls.ready(now=now)
            for one in ready:
                share = 1 if one.failures else max(limit // len(ready), 1)
                taken = tx.calls.claim(one.id, now=now, lease=self._lease, limit=share)
                claimed += [(one, call) for call in taken]
                if one.failures and taken:
                    held = tx.calls.endpoint(one.id, lock=True)
                    tx.calls.save_endpoint(replace(held, next_call_at=now + self._lease))
            return claimed, data_key(tx.registry, contexts.DIRECTORY_KEY)

    def _request(self, endpoint: Endpoint, call: Call, key: DataKey) -> Request:
        secret = self._vault.open(key, contexts.endpoint(endpoint.id), endpoint.secret)
        body, stamp = call.body.encode(), str(int(self._clock.now().timestamp()))
        signed = hmac.digest(secret, f"{call.id}.{stamp}.".encode() + body, hashlib.sha256)
        headers = {
            "content-type": "application/json",
            "webhook-id": call.id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        }
        return Request(url=endpoint.url, headers=headers, body=body)

    def _record(self, called: Endpoint, call: Call, fault: CallFault | None) -> None:
        now, jitter = self._clock.now(), random.random()  # noqa: S311  (spreads retries; nothing secret hangs on it)
        with self._database.write() as tx:
            try:
                before = tx.calls.endpoint(call.endpoint, lock=True)
            except NoSuchThing:
                return  # removed meanwhile
            after = after_call(before, called, fault, self._policy, now=now, jitter=jitter)
            tx.calls.save_endpoint(after)
            again = None if fault is None else self._policy.again_at(call.tries, now, jitter)
            told = now if fault is None else None
            tx.calls.save(replace(call, lease_until=None, next_action_at=again, told_at=told))
            if after.suspended_at is not None and before.suspended_at is None:
                tx.records.append(_suspended(after, now))


def _suspended(endpoint: Endpoint, now: dt.datetime) -> Event:
    facts: dict[str, str | int | bool] = {"endpoint": endpoint.id, "failures": endpoint.failures}
    if endpoint.fault is not None:
        facts["fault"] = endpoint.fault.value
    return Event(name=EventName.ENDPOINT_SUSPENDED, at=now, actor="gateway", facts=facts)
