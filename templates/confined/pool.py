"""A few confined processes, kept warm: started when first asked for, replaced when one ends or has done enough."""

import os
import threading
import weakref
from types import TracebackType

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.confined.frames import Frame
from templates.confined.process import ConfinedProcess, Limits, ProcessLost

MOST_TASKS = 200
"""After so many tasks a process is replaced: what a library leaks or a document left behind ends with it."""


class ConfinedPool:
    """Gives tasks to confined processes; any thread may ask, the rest wait their turn.

    A fork (a Celery worker, a test) starts with none: a child shared by two parents would answer the wrong one.
    """

    def __init__(self, limits: Limits, *, most: int = 2) -> None:
        self._limits = limits
        self._turns = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[ConfinedProcess] = []
        self._most = most
        _forget_in_forks(self)

    def ask(self, request: Frame) -> Frame:
        """The answer to a task.

        Raises InputRefused (without a place): the task's own refusals, document.needs-memory, document.needs-time,
        document.breaks-reader; ServiceDown (reader.unavailable).
        """
        with self._turns:
            worn = self._take()
            if worn is not None:
                try:
                    return self._ask(worn, request)
                except ProcessLost as lost:
                    if lost.certain:
                        raise InputRefused(lost.code) from None
                    # It may have died of what came before: a fresh one tells.
            try:
                return self._ask(ConfinedProcess(self._limits), request)
            except ProcessLost as lost:
                raise InputRefused(lost.code) from None

    def _take(self) -> ConfinedProcess | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _ask(self, process: ConfinedProcess, request: Frame) -> Frame:
        keep = False
        try:
            answer = process.ask(request)
            keep = True
        except InputRefused as refused:
            keep = refused.code is not Code.DOCUMENT_NEEDS_MEMORY
            raise
        finally:
            if keep and process.tasks < MOST_TASKS:
                with self._lock:
                    self._idle.append(process)
            else:
                process.close()
        return answer

    def close(self) -> None:
        """Ends the processes that are idle. The pool may be used again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.close()

    def __enter__(self) -> "ConfinedPool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start_anew(self) -> None:
        idle, self._idle = self._idle, []
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(self._most)
        for process in idle:
            process.let_go()


def _forget_in_forks(pool: ConfinedPool) -> None:
    known = weakref.ref(pool)

    def forget() -> None:
        found = known()
        if found is not None:
            found._start_anew()

    os.register_at_fork(after_in_child=forget)
