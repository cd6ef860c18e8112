"""What the registry configures: recipients, anchors, tokens, data keys, pauses."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.domain.outcomes import Division
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.parties import RecipientKind
from gateway.domain.trust import TrustedAnchor


@dataclass(frozen=True, kw_only=True)
class SealedRecipient:
    """A directory entry as kept: what routing asks for in clear, the rest (names, addresses, certificates) sealed."""

    id: str
    kind: RecipientKind
    divisions: frozenset[Division]
    offices: frozenset[str]
    sealed: bytes
    changed_at: dt.datetime
    changed_by: str


class Scope(StrEnum):
    """What a token allows."""

    SUBMIT = "submit"
    READ = "read"
    PARTIES = "parties"
    """Telling changes of a file's parties."""
    RESOLVE = "resolve"
    """Telling what a person settled."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """An API token. Only the SHA-256 of the secret is kept."""

    id: str
    name: str
    secret_digest: str
    scopes: frozenset[Scope]
    created_at: dt.datetime
    created_by: str
    revoked_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StoredAnchor:
    """A trusted anchor with when and by whom it was trusted."""

    anchor: TrustedAnchor
    trusted_at: dt.datetime
    trusted_by: str


@dataclass(frozen=True, kw_only=True)
class ChannelPause:
    """A channel that takes no work until `until`, and the reason code."""

    channel: str
    since: dt.datetime
    until: dt.datetime
    reason: str


class Registry(Protocol):
    """What the registry configures: recipients, anchors, tokens, data keys, pauses."""

    def put_recipient(self, recipient: SealedRecipient) -> None:
        """Writes the entry; the one it replaces is kept in the history."""
        ...

    def recipient(self, recipient_id: str) -> SealedRecipient | None:
        """The entry as it stands."""
        ...

    def recipient_before(self, recipient_id: str) -> Sequence[SealedRecipient]:
        """The entries that were replaced, oldest first."""
        ...

    def recipients(
        self, *, kind: RecipientKind | None = None, after: str = "", limit: int | None = None
    ) -> Sequence[SealedRecipient]:
        """By id; those that follow `after` alone, and `limit` of them at most."""
        ...

    def put_anchor(self, stored: StoredAnchor) -> None:
        """Writes the anchor for its (fingerprint, signer); intermediates and lists given before are replaced."""
        ...

    def anchors(self) -> Sequence[StoredAnchor]:
        """All trusted anchors."""
        ...

    def put_recipient_anchor(self, stored: StoredAnchor) -> None:
        """Writes the anchor under which recipients' certificates are judged, for its fingerprint."""
        ...

    def recipient_anchors(self) -> Sequence[StoredAnchor]:
        """All anchors for recipients; they stand for no division."""
        ...

    def recipient_anchors_changed(self) -> dt.datetime | None:
        """When the newest change of them was, so that they need be read only then."""
        ...

    def add_token(self, token: Token) -> None:
        """A new token."""
        ...

    def token_by_digest(self, secret_digest: str) -> Token | None:
        """The token whose secret has that digest, revoked or not."""
        ...

    def tokens(self) -> Sequence[Token]:
        """All tokens, oldest first."""
        ...

    def revoke_token(self, token_id: str, at: dt.datetime) -> None:
        """Raises NoSuchThing (token.unknown)."""
        ...

    def add_data_key(self, key_id: str, wrapped: bytes) -> None:
        """A new wrapped data key."""
        ...

    def ensure_data_key(self, key_id: str, wrapped: bytes) -> None:
        """A new wrapped data key unless there is one of that id: then that one stays."""
        ...

    def has_data_key(self, key_id: str) -> bool:
        """Whether there is a data key of that id."""
        ...

    def data_key(self, key_id: str) -> bytes:
        """The wrapped data key. Raises SetupWrong (seal.key-unknown): destroyed, or never was."""
        ...

    def data_keys(self, *, after: str, limit: int) -> Sequence[tuple[str, bytes]]:
        """Wrapped data keys by id, those after `after`; in a writing transaction nobody else changes them meanwhile."""
        ...

    def data_key_of_each_wrapping(self) -> Sequence[tuple[str, bytes]]:
        """One data key, by id and as wrapped, of each key-encryption key that wraps any: a few rows among however
        many."""
        ...

    def own_keys(self) -> Mapping[OwnKeyName, int]:
        """Which generation of each of the gateway's own keys is in use, as far as that was ever told."""
        ...

    def use_own_keys(self, generations: Mapping[OwnKeyName, int]) -> None:
        """These are in use from now on, unless later ones are."""
        ...

    def rewrap_data_key(self, key_id: str, wrapped: bytes) -> None:
        """The same data key under another wrapping. One that was destroyed stays destroyed."""
        ...

    def destroy_data_key(self, key_id: str) -> None:
        """What is sealed under it can be opened by nobody any more, but for copies of the key in backups."""
        ...

    def pause_channel(self, pause: ChannelPause) -> None:
        """Pauses, or moves the end of a pause to a later moment: one that ends later stands as it is."""
        ...

    def resume_channel(self, channel: str, at: dt.datetime) -> bool:
        """Ends a pause that still runs at `at`; whether there was one."""
        ...

    def pauses(self, *, lock: bool = False) -> Sequence[ChannelPause]:
        """All pauses, ended ones included. lock: nobody else pauses or resumes until the transaction ends."""
        ...
