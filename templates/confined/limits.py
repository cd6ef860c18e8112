"""What the child takes from itself before it sees the first byte of a document."""

import math
import os
import resource
import sys

_OPEN = 3
"""Its standard streams. With no descriptor to be had, no file, socket or pipe can be opened, whoever asks for it."""
_NOTHING = (0, 0)
_HARD_SECONDS = 86_400


def confine(memory: int) -> None:
    """Gives up, for good, all but `memory` bytes of address space and the standard streams.

    What is imported later than this cannot be found.
    """
    os.closerange(_OPEN, resource.getrlimit(resource.RLIMIT_NOFILE)[0])  # qpdf keeps its source of chance open
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, _NOTHING)  # a core file would hold the document
    resource.setrlimit(resource.RLIMIT_FSIZE, _NOTHING)
    resource.setrlimit(resource.RLIMIT_CPU, (_HARD_SECONDS, _HARD_SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN, _OPEN))
    sys.setrecursionlimit(1_500)


def allow_seconds(seconds: int) -> None:
    """Gives the next task that much processor time; past it the kernel ends the process (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, _HARD_SECONDS), _HARD_SECONDS))
