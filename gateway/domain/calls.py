"""Calls: what systems outside are told of, where, and what becomes of an endpoint that does not answer.

A call carries ids, states and times: never content, a name or an address. Form: Standard Webhooks 1.0.0.
"""

import datetime as dt
import ipaddress
import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from gateway.domain.delivery import Delivery
from gateway.domain.events import Event

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052 §2.1."""


class Subject(StrEnum):
    """What an endpoint is told of."""

    DELIVERIES = "deliveries"
    """Every change of a delivery."""
    STAFF = "staff"
    """What waits for staff."""


class CallFault(StrEnum):
    """Why a call did not reach whom it was for."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"
    NOT_ALLOWED = "not-allowed"
    """The name leads to an address that is not for everybody."""
    REDIRECTED = "redirected"
    """Nowhere that we follow."""
    REFUSED = "refused"
    """Another answer than 2xx."""
    GONE = "gone"
    """410: wants no more calls."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where calls go. `submitter`: only for what they submitted (`token:ID` or an account), empty: for everything.

    secret: sealed. failures: calls in a row that did not get through, the first of them at `failing_since`; while there
    are any, one call at a time tries again from `next_call_at` on. suspended_at: since then there are none.
    """

    id: str
    url: str
    subject: Subject
    submitter: str
    secret: bytes = field(repr=False)
    added_at: dt.datetime
    added_by: str
    removed_at: dt.datetime | None = None
    failures: int = 0
    failing_since: dt.datetime | None = None
    next_call_at: dt.datetime | None = None
    suspended_at: dt.datetime | None = None
    fault: CallFault | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """One thing to tell one endpoint: `body` is sent as it stands, however often. `id`: the same for the same thing."""

    id: str
    endpoint: str
    body: str
    made_at: dt.datetime
    tries: int = 0
    fence: int = 0
    next_action_at: dt.datetime | None = None
    lease_until: dt.datetime | None = None
    told_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CallPolicy:
    """When a call is made again, after how long of failing an endpoint is suspended, how long a told call is kept."""

    waits: tuple[dt.timedelta, ...]
    suspend_after: dt.timedelta
    keep: dt.timedelta

    def again_at(self, tries: int, now: dt.datetime, jitter: float) -> dt.datetime:
        """When to try once more: the last wait is repeated, since nothing that was to be told is ever given up.

        tries: made so far, at least 1. jitter: in [0, 1); the wait is spread between half and whole of its length.
        """
        wait = self.waits[min(tries, len(self.waits)) - 1]
        return now + wait / 2 + (wait / 2) * jitter


def after_call(
    endpoint: Endpoint,
    called: Endpoint,
    fault: CallFault | None,
    policy: CallPolicy,
    *,
    now: dt.datetime,
    jitter: float,
) -> Endpoint:
    """The endpoint after a call. One that says it is gone is suspended at once, one that keeps failing in the end.

    called: the endpoint as it stood when the call was taken. Calls that failed side by side count as one failure.
    """
    if fault is None:
        return replace(endpoint, failures=0, failing_since=None, next_call_at=None, fault=None)
    if endpoint.failures != called.failures and fault is not CallFault.GONE:
        return endpoint
    since, failures = endpoint.failing_since or now, endpoint.failures + 1
    suspended = fault is CallFault.GONE or now - since >= policy.suspend_after
    return replace(
        endpoint,
        failures=failures,
        failing_since=since,
        next_call_at=policy.again_at(failures, now, jitter),
        suspended_at=endpoint.suspended_at or (now if suspended else None),
        fault=fault,
    )


def may_be_called(url: str) -> bool:
    """Whether a URL is one: https, or http to this machine itself; no user, no password, no fragment.

    What its name leads to is judged when it is called.
    """
    try:
        place = urlsplit(url)
        plain = place.username is None and place.password is None and not place.fragment and place.port != 0
    except ValueError:
        return False
    host = place.hostname or ""
    return plain and bool(host) and (place.scheme == "https" or (place.scheme == "http" and is_this_machine(host)))


def may_be_connected_to(address: str, *, private: bool) -> bool:
    """Whether calls may go to an IP address. private: whether networks of one's own and this machine are allowed too.

    What is neither public nor one's own (link-local, where clouds answer with credentials; multicast; unspecified;
    reserved) never is. An IPv4 address inside an IPv6 one is judged as what it is.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else None
        inner = ip.ipv4_mapped or ip.sixtofour or translated
        if inner is not None:
            return may_be_connected_to(str(inner), private=private)
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or (ip.is_reserved and not ip.is_loopback):
        return False
    return ip.is_global or private


def is_this_machine(host: str) -> bool:
    """Whether a URL's host certainly is this machine: a literal loopback address or `localhost`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def call_id(delivery: str, sequence: int) -> str:
    """The webhook-id of an event of a delivery's chain: the same each time it is told."""
    return f"{delivery}-{sequence}"


def told_of_delivery(event: Event, delivery: Delivery, package_id: UUID) -> str:
    """The body for an event: what happened and where the delivery stood once it had."""
    what = event.name.value.removeprefix("delivery-")
    return _body(
        f"delivery.{what}",
        event.at,
        {
            "dispatch": delivery.dispatch,
            "package_id": str(package_id),
            "delivery": delivery.id,
            "participant": delivery.participant,
            "state": delivery.state.value,
            "reason": delivery.reason.value if delivery.reason else None,
            "settled": delivery.settled,
            "channel": delivery.channel,
            "due": delivery.due.isoformat() if delivery.due else None,
            "next_action_at": delivery.next_action_at.isoformat() if delivery.next_action_at else None,
        },
    )


def told_to_staff(kind: str, at: dt.datetime, facts: dict[str, object]) -> str:
    """The body for a matter of staff's."""
    return _body(f"staff.{kind}", at, facts)


def _body(kind: str, at: dt.datetime, data: dict[str, object]) -> str:
    """As the specification recommends it: names of letters, digits and underscores between full stops."""
    told = {"type": kind.replace("-", "_"), "timestamp": at.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def service_address(text: str) -> str:
    """The address of a service, without a slash at its end; empty: there is none.

    Raises ValueError for what is neither https, nor http to this machine.
    """
    place = urlsplit(text)
    host = place.hostname or ""
    secure = place.scheme == "https" or (place.scheme == "http" and is_this_machine(host))
    if text and (not secure or not host or place.query or place.fragment or place.username is not None):
        raise ValueError("no address of a service")
    return text.rstrip("/")
