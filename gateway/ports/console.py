"""What signs staff in to the console: as rows, and what hashes passwords and reads one-time codes."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from gateway.domain.console import SetUpLink, SignInNews, StaffCredential, StaffIdentity, StaffSession
from gateway.ports.signing_in import SigningInStore


class Passwords(Protocol):
    """Keeps passwords under a slow hash."""

    def hashed(self, password: str) -> str:
        """The password as it is kept."""
        ...

    def check(self, password: str, kept: str | None) -> None:
        """Raises NotAuthenticated (sign-in.refused) for another password; for any where None is kept, and as slowly."""
        ...


class OneTimeCodes(Protocol):
    """Time-based one-time codes (RFC 6238)."""

    def new_secret(self) -> str:
        """What a device makes codes of, in base32."""
        ...

    def address(self, secret: str, account: str) -> str:
        """The secret as a device takes it in (`otpauth:`)."""
        ...

    def check(self, secret: str, code: str, now: dt.datetime) -> int:
        """The thirty seconds that the code is of. Raises NotAuthenticated (sign-in.refused)."""
        ...


class ConsoleStore(SigningInStore[StaffSession], Protocol):
    """What signs staff in, as rows."""

    def put_credential(self, credential: StaffCredential) -> None:
        """In place of what the account had."""
        ...

    def credential(self, account: str, *, lock: bool = False) -> StaffCredential | None:
        """The account's. `lock`: until the transaction ends nobody else writes it."""
        ...

    def remove_credential(self, account: str) -> bool:
        """Nobody signs in by the account's password any more; False where nobody did."""
        ...

    def identity(self, account: str) -> StaffIdentity | None:
        """Who the provider said that the account's person is."""
        ...

    def add_identity(self, identity: StaffIdentity) -> bool:
        """Writes it; False, and nothing written, where the account has one or another account has that one."""
        ...

    def remove_identity(self, account: str) -> bool:
        """The account is nobody's at the provider any more; False where it was nobody's."""
        ...

    def sessions_of(self, account: str) -> Sequence[StaffSession]:
        """Those of the account that were not ended, oldest first; whether they still hold is not asked."""
        ...

    def tell(self, news: SignInNews) -> None:
        """The account's person is told from now on."""
        ...

    def news(self, account: str, limit: int) -> Sequence[SignInNews]:
        """What they did not read yet, newest first."""
        ...

    def read_news(self, account: str, at: dt.datetime) -> None:
        """They read what was recorded until then."""
        ...

    def forget_news(self, *, read: dt.datetime, told: dt.datetime) -> None:
        """Removes what was read up to a moment before `read`, and whatever happened before `told`."""
        ...

    def add_link(self, link: SetUpLink) -> None:
        """A link that was made; earlier ones of the account open nothing any more."""
        ...

    def end_links(self, account: str) -> None:
        """No link of the account that was not used opens anything any more."""
        ...

    def link(self, digest: str) -> SetUpLink | None:
        """The link whose secret has that digest."""
        ...
