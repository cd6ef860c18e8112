"""Passkeys as rows, and what speaks WebAuthn."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from gateway.domain.passkeys import Passkey

PasskeyT = TypeVar("PasskeyT", bound=Passkey)


@dataclass(frozen=True, kw_only=True)
class NewPasskey:
    """What an authenticator made: the credential's id in base64url, its public key (COSE) and its count."""

    id: str
    public_key: bytes = field(repr=False)
    sign_count: int


class PasskeyCeremony(Protocol):
    """Speaks WebAuthn for one address. The user is verified each time: by what they know or are, on their device."""

    def to_register(self, account: str, challenge: bytes, known: Sequence[str]) -> str:
        """The options for `navigator.credentials.create`, as JSON. known: ids that the account has already."""
        ...

    def registered(self, answer: str, challenge: bytes) -> NewPasskey:
        """What the browser answered to them. Raises InputRefused (with the code it was made with)."""
        ...

    def to_sign_in(self, challenge: bytes) -> str:
        """The options for `navigator.credentials.get`, as JSON. They name nobody: whose it is, the passkey says."""
        ...

    def id_in(self, answer: str) -> str:
        """Which passkey the answer says it is of. Raises InputRefused (with the code it was made with)."""
        ...

    def signed(self, answer: str, challenge: bytes, passkey: Passkey) -> int:
        """What the authenticator counted, once its signature holds. Raises InputRefused.

        The count itself is for the caller to judge.
        """
        ...


class PasskeyStore(Protocol[PasskeyT]):
    """Passkeys as rows."""

    def add(self, passkey: PasskeyT) -> bool:
        """Writes it; False, and nothing written, when there is one of that id."""
        ...

    def find(self, passkey_id: str, *, lock: bool = False) -> PasskeyT | None:
        """The passkey, removed or not. `lock`: until the transaction ends nobody else writes it."""
        ...

    def of_account(self, account: str) -> Sequence[PasskeyT]:
        """Those that stand, the oldest first."""
        ...

    def save(self, passkey: PasskeyT) -> None:
        """Writes its count, and when it was used and removed."""
        ...

    def remove_all(self, account: str, at: dt.datetime) -> None:
        """Removes all of the account's."""
        ...

    def spend(self, challenge: str, *, now: dt.datetime, until: dt.datetime) -> bool:
        """Uses up the challenge of that digest, which nobody takes after `until`; False when that was done before."""
        ...
