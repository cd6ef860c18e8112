"""What the registry configures, as rows. See `gateway.ports.registry.Registry` for the contract."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.parties import RecipientKind
from gateway.domain.problem import NoSuchThing, SetupWrong
from gateway.domain.trust import TrustedAnchor
from gateway.ports.registry import ChannelPause, SealedRecipient, StoredAnchor, Token
from gateway.store.columns import UtcTime
from gateway.store.locking import only_writer
from gateway.store.rows import columns_of
from gateway.store.tables.keyring import own_keys, recipient_anchors
from gateway.store.tables.work import (
    anchors,
    channel_pauses,
    data_keys,
    recipient_history,
    recipients,
    tokens,
)
from gateway.store.upsert import Insert, insert_into, replace_in
from gateway.store.wrapped_keys import WrappedKeys

_EVERY_SIGNER = ""

WRAPPING_HEAD = 21
"""The bytes at the beginning of a wrapped data key that say by which key-encryption key (`keys.sealing`)."""

_RECIPIENT_COLUMNS = columns_of(recipients, SealedRecipient)
_RECIPIENTS = sa.select(*_RECIPIENT_COLUMNS).order_by(recipients.c.id)
_RECIPIENT = sa.select(*_RECIPIENT_COLUMNS).where(recipients.c.id == sa.bindparam("b_id"))
_KEEP_OLD = sa.insert(recipient_history).from_select([one.name for one in recipients.c], _RECIPIENT)

_BEFORE = (
    sa.select(*columns_of(recipient_history, SealedRecipient))
    .where(recipient_history.c.id == sa.bindparam("b_id"))
    .order_by(recipient_history.c.ordinal)
)

_ANCHORS = sa.select(anchors).order_by(anchors.c.ordinal)
_ANCHOR_FIELDS = tuple(field.name for field in fields(TrustedAnchor))

_RECIPIENT_ANCHORS = sa.select(recipient_anchors).order_by(recipient_anchors.c.ordinal)
_RECIPIENT_ANCHORS_CHANGED = sa.select(sa.func.max(recipient_anchors.c.trusted_at))
_RECIPIENT_ANCHOR_FIELDS = ("certificate", "fingerprint", "intermediates", "crls")

_ADD_TOKEN = sa.insert(tokens).inline()
_TOKENS = sa.select(*columns_of(tokens, Token)).order_by(tokens.c.ordinal)
_TOKEN = sa.select(*columns_of(tokens, Token)).where(tokens.c.secret_digest == sa.bindparam("b_digest"))
_REVOKE = (
    sa.update(tokens)
    .where(tokens.c.id == sa.bindparam("b_id"))
    # The first revocation stands.
    .values(revoked_at=sa.func.coalesce(tokens.c.revoked_at, sa.bindparam("b_at", type_=UtcTime)))
)

_ADD_DATA_KEY = sa.insert(data_keys)
_DATA_KEYS = (
    sa.select(data_keys)
    .where(data_keys.c.id > sa.bindparam("b_after"))
    .order_by(data_keys.c.id)
    .limit(sa.bindparam("b_limit", type_=sa.Integer))
    .with_for_update()
)
_WRAPPED_FROM = (
    sa.select(data_keys).where(data_keys.c.wrapped >= sa.bindparam("b_from")).order_by(data_keys.c.wrapped).limit(1)
)
_OWN_KEYS = sa.select(own_keys)
_REWRAP = sa.update(data_keys).where(data_keys.c.id == sa.bindparam("b_id")).values(wrapped=sa.bindparam("b_wrapped"))
_DESTROY = sa.delete(data_keys).where(data_keys.c.id == sa.bindparam("b_id"))
_DATA_KEY = sa.select(data_keys.c.wrapped).where(data_keys.c.id == sa.bindparam("b_id"))

_RESUME = (
    sa.update(channel_pauses)
    .where(
        channel_pauses.c.channel == sa.bindparam("b_channel"),
        channel_pauses.c.until > sa.bindparam("b_at", type_=UtcTime),
    )
    .values(until=sa.bindparam("b_at", type_=UtcTime))
)
_PAUSES = sa.select(*columns_of(channel_pauses, ChannelPause)).order_by(channel_pauses.c.channel)


@cache
def _put_recipient(dialect: str) -> Insert:
    return replace_in(recipients, dialect, key=("id",))


@cache
def _put_anchor(dialect: str) -> Insert:
    return replace_in(anchors, dialect, key=("fingerprint", "signer"), keep=("ordinal",))


@cache
def _put_recipient_anchor(dialect: str) -> Insert:
    return replace_in(recipient_anchors, dialect, key=("fingerprint",), keep=("ordinal",))


@cache
def _use(dialect: str) -> Insert:
    insert = insert_into(own_keys, dialect)
    return insert.on_conflict_do_update(
        index_elements=["name"],
        set_={"generation": insert.excluded.generation},
        where=own_keys.c.generation < insert.excluded.generation,
    )


@cache
def _pause(dialect: str) -> Insert:
    insert = insert_into(channel_pauses, dialect)
    still_paused = channel_pauses.c.until > insert.excluded.since
    ends_later = channel_pauses.c.until > insert.excluded.until
    return insert.on_conflict_do_update(
        index_elements=["channel"],
        set_={
            "since": sa.case((still_paused, channel_pauses.c.since), else_=insert.excluded.since),
            "until": sa.case((ends_later, channel_pauses.c.until), else_=insert.excluded.until),
            "reason": sa.case((ends_later, channel_pauses.c.reason), else_=insert.excluded.reason),
        },
    )


class SqlRegistry:
    """`Registry` over a connection."""

    def __init__(self, connection: sa.Connection, keys: WrappedKeys, *, writes: bool) -> None:
        self._connection = connection
        self._keys = keys
        self._writes = writes

    @property
    def _dialect(self) -> str:
        return self._connection.dialect.name

    def put_recipient(self, recipient: SealedRecipient) -> None:
        """Writes the entry; the one it replaces is kept in the history."""
        only_writer(self._connection, recipients)  # two at once would both keep the one before them, and lose the first
        self._connection.execute(_KEEP_OLD, {"b_id": recipient.id})
        self._connection.execute(_put_recipient(self._dialect), vars(recipient))

    def recipient(self, recipient_id: str) -> SealedRecipient | None:
        """The entry as it stands."""
        row = self._connection.execute(_RECIPIENT, {"b_id": recipient_id}).one_or_none()
        return None if row is None else SealedRecipient(**row._mapping)

    def recipient_before(self, recipient_id: str) -> Sequence[SealedRecipient]:
        """The entries that were replaced, oldest first."""
        return [SealedRecipient(**row._mapping) for row in self._connection.execute(_BEFORE, {"b_id": recipient_id})]

    def recipients(
        self, *, kind: RecipientKind | None = None, after: str = "", limit: int | None = None
    ) -> Sequence[SealedRecipient]:
        """By id; those that follow `after` alone, and `limit` of them at most."""
        query = _RECIPIENTS if kind is None else _RECIPIENTS.where(recipients.c.kind == kind)
        query = query.where(recipients.c.id > after).limit(limit) if after or limit is not None else query
        return [SealedRecipient(**row._mapping) for row in self._connection.execute(query)]

    def put_anchor(self, stored: StoredAnchor) -> None:
        """Writes the anchor for its (fingerprint, signer); intermediates and lists given before are replaced."""
        values = {**vars(stored), **vars(stored.anchor), "signer": stored.anchor.signer or _EVERY_SIGNER}
        del values["anchor"]
        self._connection.execute(_put_anchor(self._dialect), values)

    def anchors(self) -> Sequence[StoredAnchor]:
        """All trusted anchors, in the order they were first trusted."""
        return [_anchor(row._mapping) for row in self._connection.execute(_ANCHORS)]

    def put_recipient_anchor(self, stored: StoredAnchor) -> None:
        """Writes the anchor under which recipients' certificates are judged, for its fingerprint."""
        values = {**vars(stored), **vars(stored.anchor)}
        for name in ("anchor", "divisions", "signer"):
            del values[name]
        self._connection.execute(_put_recipient_anchor(self._dialect), values)

    def recipient_anchors(self) -> Sequence[StoredAnchor]:
        """All anchors for recipients; they stand for no division."""
        return [_recipient_anchor(row._mapping) for row in self._connection.execute(_RECIPIENT_ANCHORS)]

    def recipient_anchors_changed(self) -> dt.datetime | None:
        """When the newest change of them was, so that they need be read only then."""
        changed: dt.datetime | None = self._connection.scalar(_RECIPIENT_ANCHORS_CHANGED)
        return changed

    def add_token(self, token: Token) -> None:
        """A new token."""
        self._connection.execute(_ADD_TOKEN, vars(token))

    def token_by_digest(self, secret_digest: str) -> Token | None:
        """The token whose secret has that digest, revoked or not."""
        row = self._connection.execute(_TOKEN, {"b_digest": secret_digest}).one_or_none()
        return None if row is None else Token(**row._mapping)

    def tokens(self) -> Sequence[Token]:
        """All tokens, oldest first."""
        return [Token(**row._mapping) for row in self._connection.execute(_TOKENS)]

    def revoke_token(self, token_id: str, at: dt.datetime) -> None:
        """Raises NoSuchThing (token.unknown). A token that is revoked already keeps its moment."""
        if self._connection.execute(_REVOKE, {"b_id": token_id, "b_at": at}).rowcount == 0:
            raise NoSuchThing(Code.TOKEN_UNKNOWN, where=token_id)

    def add_data_key(self, key_id: str, wrapped: bytes) -> None:
        """A new wrapped data key."""
        self._connection.execute(_ADD_DATA_KEY, {"id": key_id, "wrapped": wrapped})

    def ensure_data_key(self, key_id: str, wrapped: bytes) -> None:
        """A new wrapped data key unless there is one of that id: then that one stays."""
        insert = insert_into(data_keys, self._dialect).on_conflict_do_nothing(index_elements=["id"])
        self._connection.execute(insert, {"id": key_id, "wrapped": wrapped})

    def has_data_key(self, key_id: str) -> bool:
        """Whether there is a data key of that id."""
        return self._connection.scalar(_DATA_KEY, {"b_id": key_id}) is not None

    def data_key(self, key_id: str) -> bytes:
        """The wrapped data key. Raises SetupWrong (seal.key-unknown): destroyed, or never was."""
        held = None if self._writes else self._keys.get(key_id)
        if held is not None:
            return held
        wrapped: bytes | None = self._connection.scalar(_DATA_KEY, {"b_id": key_id})
        if wrapped is None:
            raise SetupWrong(Code.SEAL_KEY_UNKNOWN, where=key_id)
        if not self._writes:
            self._keys.put(key_id, wrapped)
        return wrapped

    def data_keys(self, *, after: str, limit: int) -> Sequence[tuple[str, bytes]]:
        """Wrapped data keys by id, those after `after`."""
        rows = self._connection.execute(_DATA_KEYS, {"b_after": after, "b_limit": limit})
        return [(row.id, row.wrapped) for row in rows]

    def data_key_of_each_wrapping(self) -> Sequence[tuple[str, bytes]]:
        """One of each, found by leaping over all others that begin alike."""
        found, start = list[tuple[str, bytes]](), b"\x00"
        while start and (row := self._connection.execute(_WRAPPED_FROM, {"b_from": start}).one_or_none()) is not None:
            found.append((row.id, row.wrapped))
            stem = row.wrapped[:WRAPPING_HEAD].rstrip(b"\xff")
            start = stem[:-1] + bytes([stem[-1] + 1]) if stem else b""
        return found

    def own_keys(self) -> Mapping[OwnKeyName, int]:
        """Which generation of each is in use."""
        return {row.name: row.generation for row in self._connection.execute(_OWN_KEYS)}

    def use_own_keys(self, generations: Mapping[OwnKeyName, int]) -> None:
        """Never an earlier one than stands."""
        rows = [{"name": name, "generation": number} for name, number in generations.items()]
        if rows:
            self._connection.execute(_use(self._dialect), rows)

    def rewrap_data_key(self, key_id: str, wrapped: bytes) -> None:
        """The same data key under another wrapping."""
        self._keys.forget(key_id)
        self._connection.execute(_REWRAP, {"b_id": key_id, "b_wrapped": wrapped})

    def destroy_data_key(self, key_id: str) -> None:
        """Overwritten before it is removed, so that it stands in no page that is merely marked as free."""
        self._keys.forget(key_id)
        self._connection.execute(_REWRAP, {"b_id": key_id, "b_wrapped": bytes(len(self.data_key(key_id)))})
        self._connection.execute(_DESTROY, {"b_id": key_id})

    def pause_channel(self, pause: ChannelPause) -> None:
        """Pauses, or moves the end of a pause to a later moment: one that still runs keeps its beginning."""
        self._connection.execute(_pause(self._dialect), vars(pause))

    def resume_channel(self, channel: str, at: dt.datetime) -> bool:
        """Ends a pause that still runs at `at`; whether there was one."""
        return self._connection.execute(_RESUME, {"b_channel": channel, "b_at": at}).rowcount == 1

    def pauses(self, *, lock: bool = False) -> Sequence[ChannelPause]:
        """All pauses, ended ones included, by channel. lock: nobody else pauses or resumes until the transaction
        ends."""
        if lock:
            only_writer(self._connection, channel_pauses)
        return [ChannelPause(**row._mapping) for row in self._connection.execute(_PAUSES)]


def _anchor(row: sa.RowMapping) -> StoredAnchor:
    fields_of_anchor = {name: row[name] for name in _ANCHOR_FIELDS}
    fields_of_anchor["signer"] = row["signer"] or None
    return StoredAnchor(
        anchor=TrustedAnchor(**fields_of_anchor), trusted_at=row["trusted_at"], trusted_by=row["trusted_by"]
    )


def _recipient_anchor(row: sa.RowMapping) -> StoredAnchor:
    known = {name: row[name] for name in _RECIPIENT_ANCHOR_FIELDS}
    return StoredAnchor(
        anchor=TrustedAnchor(**known, divisions=frozenset()),
        trusted_at=row["trusted_at"],
        trusted_by=row["trusted_by"],
    )
