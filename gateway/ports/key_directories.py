"""Where recipients' certificates may be looked up. What stands there is a claim of others, and only ever proposed."""

from collections.abc import Sequence
from typing import Protocol


class KeyDirectory(Protocol):
    """A directory of others."""

    def check(self) -> None:
        """Whether it answers to us. Raises as `certificates`: SetupWrong (settings.invalid) where it does and does not
        know our name and password, or the place in it."""
        ...

    def certificates(self, address: str) -> Sequence[bytes]:
        """What the directory holds for that e-mail address, in DER, unchecked; what is none at all is left out.

        Asks over the network, within a time and a size: never inside a transaction. Raises ServiceDown
        (directory.unavailable), SetupWrong (settings.invalid, file.unreadable, directory.extra-missing).
        """
        ...
