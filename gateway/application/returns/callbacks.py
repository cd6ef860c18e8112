"""What a carrier tells us by itself over HTTP: taken when its signature holds, kept as it came, read afterwards.

The signature is that of the Standard Webhooks specification: HMAC-SHA256 over `id.timestamp.body` under a secret that
both sides know. What is not signed so is refused and not kept: anybody can reach that address.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from gateway.application.returns.receive import Keep
from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing, NotAuthenticated
from gateway.ports.clock import Clock
from gateway.ports.incoming import Incoming

MOST_OCTETS = 5_000_000
"""The largest callback: a scan or a raw message, never a package."""
_VERSION = "v1"
_MOST_SIGNATURES = 10


@dataclass(frozen=True, kw_only=True)
class Signed:
    """The three headers, as they came: `webhook-id`, `webhook-timestamp`, `webhook-signature`."""

    id: str
    timestamp: str
    signature: str


class Callbacks:
    """Takes callbacks in."""

    def __init__(
        self,
        *,
        channels: Collection[str],
        secrets: Callable[[str], Sequence[bytes]],
        window: dt.timedelta,
        keep: Keep,
        clock: Clock,
    ) -> None:
        """channels: those whose carrier's word can be read. secrets: what a channel's carrier may sign under; none: it
        calls nobody back. window: how far the time of signing may be from ours."""
        self._channels = channels
        self._secrets = secrets
        self._window = window
        self._keep = keep
        self._clock = clock

    def __call__(self, channel: str, signed: Signed, raw: bytes) -> Incoming | None:
        """What was kept; None when the same bytes came from that channel before, which changes nothing.

        Raises NoSuchThing (callback.unknown), NotAuthenticated (callback.signature, callback.time), SetupWrong
        (settings.invalid, file.unreadable), ServiceDown: then nothing was kept, and the carrier calls again.
        """
        secrets = self._secrets(channel) if channel in self._channels else ()
        if not secrets:
            raise NoSuchThing(Code.CALLBACK_UNKNOWN)
        if not any(_holds(secret, signed, raw) for secret in secrets):
            raise NotAuthenticated(Code.CALLBACK_SIGNATURE)
        if abs(self._clock.now() - _signed_at(signed)) > self._window:
            raise NotAuthenticated(Code.CALLBACK_TIME)
        return self._keep(raw, source=channel)


def _holds(secret: bytes, signed: Signed, raw: bytes) -> bool:
    """Whether one of the signatures is that of these bytes under the secret; several stand there while it changes."""
    head = f"{signed.id}.{signed.timestamp}.".encode("utf-8", "surrogateescape")
    right = hmac.digest(secret, head + raw, hashlib.sha256)
    return any(hmac.compare_digest(right, one) for one in _signatures(signed.signature))


def _signatures(header: str) -> Iterator[bytes]:
    for one in header.split(" ")[:_MOST_SIGNATURES]:
        version, _, value = one.partition(",")
        if version == _VERSION:
            try:
                yield base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                continue


def _signed_at(signed: Signed) -> dt.datetime:
    """Asked once the signature holds. Raises NotAuthenticated (callback.time) for what is no time."""
    try:
        return dt.datetime.fromtimestamp(int(signed.timestamp), dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise NotAuthenticated(Code.CALLBACK_TIME) from None
