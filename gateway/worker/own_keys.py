"""Whether this process has the own keys it needs, looked at again each second: told in the log when it changes, and
counted. Without one it claims nothing, so that no try is spent on what another machine can do."""

import threading
import time
from collections.abc import Callable

from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown
from gateway.logs import Log, cause_of
from gateway.worker import figures

log = Log()

EVERY = 1.0
"""Seconds for which a look is believed."""


class KeyLook:
    """One for a process; threads share it."""

    def __init__(self, look: Callable[[], None], *, now: Callable[[], float] = time.monotonic) -> None:
        """look: `KeysAtHand.check`. now: seconds."""
        self._look = look
        self._now = now
        self._lock = threading.Lock()
        self._until = float("-inf")
        self._lacks: Problem | None = None

    def check(self) -> None:
        """Raises what the last look found: ServiceDown (key.not-here), SetupWrong (key.*, seal.*)."""
        lacks = self._last()
        if lacks is not None:
            raise lacks.with_traceback(None)  # else each time it is raised it would keep another

    def may_work(self) -> bool:
        """Whether all are here."""
        return self._last() is None

    def _last(self) -> Problem | None:
        with self._lock:
            if self._now() >= self._until:
                found = self._found()
                figures.own_keys(here=found is None)
                if str(found) != str(self._lacks):
                    _tell(found)
                self._lacks = found
                self._until = self._now() + EVERY
            return self._lacks

    def _found(self) -> Problem | None:
        """A database that does not answer says nothing of keys: what was known stands."""
        try:
            self._look()
        except ServiceDown as down:
            return down if down.code is Code.KEY_NOT_HERE else self._lacks
        except Problem as problem:
            return problem
        return None


def _tell(found: Problem | None) -> None:
    if found is None:
        log.info("own-keys-here")
    elif found.code is Code.KEY_NOT_HERE:
        log.error("own-keys-not-here", keys=str(found.where), **cause_of(found))
    else:  # the place is a path of this machine
        log.error("own-keys-not-here", **cause_of(found))
