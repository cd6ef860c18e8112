"""python-gnupg whose every call ends.

python-gnupg waits for GnuPG, and GnuPG for its agent, without a limit: one that hangs would hang a worker, and with it
every delivery that the worker holds. So each call is one of timeout(1) (coreutils), which kills GnuPG with all it
started; the agent, a process of its own, goes with the room.
"""

import math
from collections.abc import Callable
from typing import Any

import gnupg

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

TIME_LIMIT = 30.0
"""Seconds. What takes longest, making a key, takes less than one."""

_ENDED = frozenset({124, 128 + 9, -9})
"""What timeout(1) returns when it killed: itself too, with --signal=KILL."""


def bounds(time_limit: float) -> list[str]:
    """What a command line begins with that is killed after so many seconds."""
    return ["timeout", "--signal=KILL", f"{math.ceil(time_limit * 1000) / 1000}"]


class BoundedGpg(gnupg.GPG):  # type: ignore[misc]
    """GnuPG with a limit for each call, in seconds. `ended` is called when one was killed.

    Raises SetupWrong (key.openpgp-program) out of any call that was killed.
    """

    def __init__(self, *, time_limit: float, ended: Callable[[], None], **options: Any) -> None:
        self._bounds = bounds(time_limit)
        self._ended = ended
        super().__init__(**options)

    def make_args(self, args: list[str], passphrase: bool) -> list[str]:  # noqa: FBT001  (python-gnupg's own)
        """The command line of a call."""
        return [*self._bounds, *super().make_args(args, passphrase)]

    def _collect_output(self, process: Any, result: Any, writer: Any = None, stdin: Any = None) -> Any:
        """Where python-gnupg waits. It goes on to make something of any output, and so must not see that of a killed
        call: an empty list of keys would pass for a key that cannot be read."""
        code = super()._collect_output(process, result, writer, stdin)
        if process.returncode in _ENDED:
            self._ended()
            raise SetupWrong(Code.KEY_OPENPGP_PROGRAM)
        return code
