"""The confined process: `python -I -m templates.confined MEMORY SECONDS`, spoken to in frames over standard streams.

This is an edge like a channel's `send`: libraries that read hostile files raise what they like, and here alone all of
it is caught and becomes a refusal.
"""

import gc
import sys
from typing import BinaryIO

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.confined.frames import READY, REFUSED, Frame, read, write
from templates.confined.limits import allow_seconds, confine
from templates.confined.tasks import TASKS, warm_up


def main() -> None:
    """Serves tasks until the parent closes its end."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    warm_up()
    confine(memory)
    write(answers, Frame(name=READY))
    serve(requests, answers, seconds)


def serve(requests: BinaryIO, answers: BinaryIO, seconds: int) -> None:
    """Answers each request in turn.

    Garbage is collected between tasks, not within: a large document makes many objects and few cycles, and looking
    for these doubles the time. The limit on memory holds all the same.
    """
    gc.disable()
    gc.freeze()
    while True:
        gc.collect()
        try:
            request = read(requests)
        except EOFError:
            return
        allow_seconds(seconds)
        write(answers, _answer(request))


def _answer(request: Frame) -> Frame:
    try:
        return TASKS[request.name](request)
    except InputRefused as refused:
        return _refusal(refused.code, **refused.facts)
    except MemoryError:
        return _refusal(Code.DOCUMENT_NEEDS_MEMORY)
    except Exception:  # noqa: BLE001  (the edge of the confined process)
        return _refusal(Code.DOCUMENT_UNREADABLE)


def _refusal(code: Code, **facts: str | int) -> Frame:
    return Frame(name=REFUSED, values=[code.value, [[name, value] for name, value in facts.items()]])


if __name__ == "__main__":
    main()
