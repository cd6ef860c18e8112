"""What the exchange and the console keep alike: single-use links, and sessions of browsers."""

import datetime as dt
from typing import Protocol, TypeVar

from gateway.domain.signing_in import Session

SessionT = TypeVar("SessionT", bound=Session)


class SigningInStore(Protocol[SessionT]):
    """Links and sessions by the digest of their secret, as rows."""

    def use_link(self, digest: str, at: dt.datetime) -> bool:
        """Uses it; False when that was done before."""
        ...

    def add_session(self, session: SessionT) -> None:
        """A browser signed in."""
        ...

    def session(self, digest: str) -> SessionT | None:
        """The session whose secret has that digest."""
        ...

    def session_seen(self, digest: str, at: dt.datetime) -> bool:
        """The session was seen then; False, and nothing is written, when it has ended: no look at it undoes an end."""
        ...

    def end_session(self, digest: str, at: dt.datetime) -> None:
        """Ends the session; one that ended before, or that there is not, stays as it is."""
        ...

    def end_sessions(self, account: str, at: dt.datetime, *, besides: str = "") -> None:
        """Ends every session of the account; besides the one of that digest, if one is given."""
        ...

    def forget_spent(self, *, links: dt.datetime, sessions: dt.datetime) -> None:
        """Removes the links that opened nothing any more before `links`, and the sessions that began before
        `sessions`."""
        ...
