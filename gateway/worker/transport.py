# mypy: allow-untyped-calls, disable-error-code="no-any-return"
"""kombu's Redis transport, but for messages that cannot be read and for a broker that does not answer.

As it comes, a queue entry that is no JSON, or not shaped as kombu shapes one, ends the worker that pops it; started
again it may meet the next. Here such an entry is dropped and logged: a hint can be lost, a worker cannot. And as it
comes, the client tries again by itself, with growing waits, on top of what kombu does; here it tries once.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from gateway.logs import Log, cause_of

log = Log()

SCHEME = "gateway-redis"
"""What stands for this transport in a URL, in place of `redis`."""

ONCE = Retry(NoBackoff(), 0)


class Channel(redis.Channel):
    """Drops what it cannot read, and tries once."""

    def _brpop_read(self, **options: Any) -> Any:
        """See kombu. The entry has left the queue and is not yet among the unacknowledged: nothing else to do."""
        try:
            return super()._brpop_read(**options)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            log.error("hint-unreadable", **cause_of(error))
            return True

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  (the library's)
        """See kombu."""
        return super()._connparams(asynchronous=asynchronous) | {"retry": ONCE}


class Transport(redis.Transport):
    """Redis with that channel."""

    Channel = Channel


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:{Transport.__name__}"
