"""One confined process as its parent sees it."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, cast

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, ServiceDown
from templates.confined import frames
from templates.confined.frames import Frame, Value

FACTS = frozenset({"bytes", "pages", "objects"})
"""What a refusal may say beside its code: figures."""

_PATIENCE = 2
_GOODBYE = 2.0
"""Seconds an idle process has to end once its input is closed."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a confined process may use: bytes of address space, and seconds of processor time for a task. It is waited
    for twice as long, since a machine has other work too."""

    memory: int
    seconds: int


class ProcessLost(Exception):  # noqa: N818
    """The process ended without an answer. `code` says how, as far as that can be told from outside; `certain`
    whether it was this task that ended it."""

    def __init__(self, code: Code, *, certain: bool = False) -> None:
        super().__init__(code.value)
        self.code = code
        self.certain = certain


class ConfinedProcess:
    """A running child. Not for use by two threads at once."""

    def __init__(self, limits: Limits) -> None:
        """Starts it; it is ready when the first answer comes.

        Raises ServiceDown (reader.unavailable) when it cannot be started.
        """
        self._patience = _PATIENCE * limits.seconds
        command = [sys.executable, "-I", "-m", "templates.confined", str(limits.memory), str(limits.seconds)]
        try:
            self._child = subprocess.Popen(  # noqa: S603  (our own entry, figures for arguments)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a traceback may quote from a document
                cwd="/",
                env={"LC_ALL": "C.UTF-8"},
                close_fds=True,
                start_new_session=True,  # an interrupt at the terminal is the parent's to answer
            )
        except OSError:
            raise ServiceDown(Code.READER_UNAVAILABLE) from None
        self._requests = cast(BinaryIO, self._child.stdin)
        self._answers = cast(BinaryIO, self._child.stdout)
        self._ready = False
        self.tasks = 0
        """How many tasks it was given."""

    def ask(self, request: Frame) -> Frame:
        """The answer to a task.

        Raises InputRefused (the child's refusal, without a place), ProcessLost, ServiceDown (reader.unavailable).
        """
        self.tasks += 1
        out_of_time = threading.Event()
        timer = threading.Timer(self._patience, self._out_of_time, [out_of_time])
        timer.daemon = True
        timer.start()
        try:
            self._await_ready()
            answer = self._exchange(request)
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            raise self._lost(out_of_time) from None
        finally:
            timer.cancel()
        if answer.name == frames.REFUSED:
            raise _refusal(answer)
        return answer

    def _out_of_time(self, out_of_time: threading.Event) -> None:
        out_of_time.set()
        self._child.kill()

    def _await_ready(self) -> None:
        if self._ready:
            return
        try:
            frames.read(self._answers)
        except (EOFError, ValueError):
            self.close()
            raise ServiceDown(Code.READER_UNAVAILABLE) from None
        self._ready = True

    def _exchange(self, request: Frame) -> Frame:
        frames.write(self._requests, request)
        return frames.read(self._answers)

    def _lost(self, out_of_time: threading.Event) -> ProcessLost:
        self._child.kill()  # where it answers nonsense it still lives
        ended = self._child.wait()
        self.close()
        if ended == -signal.SIGXCPU:
            return ProcessLost(Code.DOCUMENT_NEEDS_TIME, certain=True)
        return ProcessLost(Code.DOCUMENT_NEEDS_TIME if out_of_time.is_set() else Code.DOCUMENT_BREAKS_READER)

    def close(self) -> None:
        """Ends the process and waits for its end."""
        for stream in (self._requests, self._answers):
            with suppress(OSError):  # what was still to be written has nobody to read it
                stream.close()
        try:
            self._child.wait(_GOODBYE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def let_go(self) -> None:
        """Closes this process's copies of the pipes and nothing else: the child belongs to the process we came from."""
        for stream in (self._requests, self._answers):
            with suppress(OSError):
                stream.close()
        self._child.returncode = 0  # else Popen would wait for a process that is not ours


def _refusal(answer: Frame) -> InputRefused:
    """The refusal as the child gave it, held to what a refusal may say."""
    match answer.values:
        case [str(code), list(facts)] if code in set(Code):
            return InputRefused(Code(code), where=None, **dict(_figures(facts)))
        case _:
            return InputRefused(Code.DOCUMENT_UNREADABLE)


def _figures(facts: Sequence[Value]) -> Iterator[tuple[str, int]]:
    for fact in facts:
        match fact:
            case [str(name), int(figure)] if name in FACTS:
                yield name, figure
