"""What the broker's libraries load wherever it is installed, though a worker has no use for it.

redis-py draws in OpenTelemetry's metrics, of which it tells nobody here; kombu reads YAML and MessagePack if it can,
and hints are JSON. Both do without what cannot be imported, and all of it may be imported later by those who need it:
3 MB of each process of a worker.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_UNUSED = ("opentelemetry", "yaml", "msgpack")


@contextmanager
def left_out() -> Iterator[None]:
    """While the block runs, these cannot be imported by anybody who has not done so before."""
    hidden = [name for name in _UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: so says the language reference
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
