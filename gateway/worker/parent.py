# mypy: allow-untyped-calls
"""A process that ends with its parent, even when that is killed between the fork and the first word of its child."""

import os
import signal

from celery import platforms


class Parent:
    """Made in the parent, before the fork."""

    def __init__(self) -> None:
        self._pid = os.getpid()

    def bind(self) -> None:
        """In the child: from now on the parent's end is this process's end too, and at once if it is gone already."""
        platforms.set_pdeathsig("SIGKILL")
        if os.getppid() != self._pid:
            os.kill(os.getpid(), signal.SIGKILL)
