"""Calls as they are kept, and who makes them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.calls import Call, CallFault, Endpoint


@dataclass(frozen=True, kw_only=True)
class Untold:
    """What an endpoint has not been told yet: how much, and since when."""

    count: int
    since: dt.datetime


class Calls(Protocol):
    """Endpoints, and what they are to be told.

    Every change of a delivery that is recorded in a transaction is owed to the endpoints by the same transaction.
    """

    def add_endpoint(self, endpoint: Endpoint) -> None:
        """A new endpoint."""
        ...

    def endpoint(self, endpoint_id: str, *, lock: bool = False) -> Endpoint:
        """Raises NoSuchThing (endpoint.unknown). `lock`: until the transaction ends nobody else writes it."""
        ...

    def endpoints(self) -> Sequence[Endpoint]:
        """Those that were not removed, oldest first."""
        ...

    def save_endpoint(self, endpoint: Endpoint) -> None:
        """Writes all that can change."""
        ...

    def add(self, calls: Sequence[Call]) -> None:
        """More to tell. What has the id of a call of that endpoint is that call, and changes nothing."""
        ...

    def ready(self, *, now: dt.datetime) -> Sequence[Endpoint]:
        """Endpoints that may be called now and have something due."""
        ...

    def claim(self, endpoint_id: str, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> Sequence[Call]:
        """Takes what is due of an endpoint: what was tried least comes first, then the oldest."""
        ...

    def save(self, call: Call) -> None:
        """How a claimed call stands. One that was claimed again meanwhile stays as it is."""
        ...

    def untold(self) -> Mapping[str, Untold]:
        """By endpoint; one that was told everything is not in it."""
        ...

    def tell_again(self, endpoint_id: str, *, since: dt.datetime) -> int:
        """Everything made since then is due once more, under the same ids; how much that is."""
        ...

    def hurry(self, endpoint_id: str) -> None:
        """What waits for its time is due now."""
        ...

    def made_at(self, endpoint_id: str, call_id: str) -> dt.datetime:
        """When a call was made. Raises NoSuchThing (endpoint.call-unknown)."""
        ...

    def drop(self, endpoint_id: str) -> None:
        """Removes what an endpoint was told and is to be told."""
        ...

    def forget(self, *, before: dt.datetime) -> int:
        """Removes what was told before then."""
        ...


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call as it goes over the network."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Caller(Protocol):
    """Makes calls."""

    def __call__(self, requests: Sequence[Request]) -> Sequence[CallFault | None]:
        """Makes all of them side by side; what each met, None where it was taken. Never called in a transaction."""
        ...
