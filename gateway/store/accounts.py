"""Accounts, proposals and pins as rows. See `gateway.ports.accounts` for the contracts."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache

import sqlalchemy as sa

from gateway.domain.accounts import Account
from gateway.domain.codes import Code
from gateway.domain.pins import Pin
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.domain.proposals import ABOUT_A_DELIVERY, Proposal, ProposalState
from gateway.store.locking import locked
from gateway.store.offices import delivery_of_offices
from gateway.store.rows import columns_of
from gateway.store.tables.keyring import account_uses, accounts, pins, proposals
from gateway.store.upsert import Insert, replace_in

_ACCOUNTS = sa.select(*columns_of(accounts, Account)).order_by(accounts.c.ordinal)
_ACCOUNT = _ACCOUNTS.where(accounts.c.name == sa.bindparam("b_name"))

_USES = sa.select(account_uses)

_ADD_PROPOSAL = sa.insert(proposals).inline()
_PROPOSALS = sa.select(*columns_of(proposals, Proposal)).order_by(proposals.c.ordinal)
_COUNT_OPEN = sa.select(sa.func.count()).select_from(proposals).where(proposals.c.state == ProposalState.OPEN)
_PROPOSAL = _PROPOSALS.where(proposals.c.id == sa.bindparam("b_id"))
_DECIDE = sa.update(proposals).where(
    proposals.c.id == sa.bindparam("b_id"), proposals.c.state == ProposalState.OPEN.value
)

_SECOND = _DECIDE.where(proposals.c.seconded_by.is_(None))

_ADD_PIN = sa.insert(pins).inline()
_PINS = sa.select(*columns_of(pins, Pin)).order_by(pins.c.ordinal)
_PINS_OF = _PINS.where(pins.c.recipient == sa.bindparam("b_recipient"))
_HOLDER = sa.select(pins.c.recipient).where(pins.c.key == sa.bindparam("b_key"), pins.c.ended_at.is_(None))
_END = sa.update(pins).where(
    pins.c.recipient == sa.bindparam("b_recipient"),
    pins.c.channel == sa.bindparam("b_channel"),
    pins.c.ended_at.is_(None),
)


@cache
def _put_account(dialect: str) -> Insert:
    return replace_in(accounts, dialect, key=("name",), keep=("ordinal", "created_at", "created_by"))


@cache
def _put_use(dialect: str) -> Insert:
    return replace_in(account_uses, dialect, key=("account",))


class SqlAccounts:
    """`Accounts` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, account: Account) -> None:
        """Writes the account; who made it first, and when, stays."""
        self._connection.execute(_put_account(self._connection.dialect.name), vars(account))

    def get(self, name: str, *, lock: bool = False) -> Account | None:
        """The account, disabled or not."""
        row = self._connection.execute(locked(_ACCOUNT) if lock else _ACCOUNT, {"b_name": name}).one_or_none()
        return None if row is None else Account(**row._mapping)

    def all(self) -> Sequence[Account]:
        """Every account, in the order they were made."""
        return [Account(**row._mapping) for row in self._connection.execute(_ACCOUNTS)]

    def used(self, name: str, at: dt.datetime) -> None:
        """The account was used then."""
        self._connection.execute(_put_use(self._connection.dialect.name), {"account": name, "used_at": at})

    def last_uses(self) -> Mapping[str, dt.datetime]:
        """When each was used last; who never was is left out."""
        return {row.account: row.used_at for row in self._connection.execute(_USES)}


class SqlProposals:
    """`Proposals` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, proposal: Proposal) -> None:
        """A new proposal."""
        self._connection.execute(_ADD_PROPOSAL, vars(proposal))

    def get(self, proposal_id: str) -> Proposal:
        """Raises NoSuchThing (approval.unknown)."""
        row = self._connection.execute(_PROPOSAL, {"b_id": proposal_id}).one_or_none()
        if row is None:
            raise NoSuchThing(Code.APPROVAL_UNKNOWN, where=proposal_id)
        return Proposal(**row._mapping)

    def second(self, proposal_id: str, by: str) -> None:
        """Writes who approved it first. Raises Conflict (approval.decided) when somebody did or decided it already."""
        if self._connection.execute(_SECOND.values(seconded_by=by), {"b_id": proposal_id}).rowcount == 0:
            raise Conflict(Code.APPROVAL_DECIDED, where=proposal_id)

    def save(self, proposal: Proposal) -> None:
        """Writes how it was decided. Raises Conflict (approval.decided) when that was done already."""
        decided = {name: getattr(proposal, name) for name in ("state", "decided_at", "decided_by", "decision")}
        if self._connection.execute(_DECIDE.values(**decided), {"b_id": proposal.id}).rowcount == 0:
            raise Conflict(Code.APPROVAL_DECIDED, where=proposal.id)

    def count_open(self, *, offices: frozenset[str] | None = None) -> int:
        """How many wait for somebody to decide."""
        if offices is None:
            return int(self._connection.scalar(_COUNT_OPEN) or 0)
        shared = proposals.c.kind.not_in(sorted(ABOUT_A_DELIVERY))
        theirs = sa.or_(shared, delivery_of_offices(proposals.c.subject, offices))
        return int(self._connection.scalar(_COUNT_OPEN.where(theirs)) or 0)

    def all(self, *, open_only: bool) -> Sequence[Proposal]:
        """Oldest first."""
        query = _PROPOSALS.where(proposals.c.state == ProposalState.OPEN) if open_only else _PROPOSALS
        return [Proposal(**row._mapping) for row in self._connection.execute(query)]


class SqlPins:
    """`Pins` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, pin: Pin) -> None:
        """Pins. Raises Conflict (key.pinned-elsewhere) when the key is pinned to another recipient now."""
        holder = self.holder(pin.key)
        if holder is not None and holder != pin.recipient:
            raise Conflict(Code.KEY_PINNED_ELSEWHERE, where=pin.recipient, holder=holder)
        self._connection.execute(_ADD_PIN, vars(pin))

    def end(self, recipient: str, channel: str, *, at: dt.datetime, by: str, replaced_by: str | None) -> None:
        """The recipient's key for that way is pinned no longer; none is no error."""
        ended = _END.values(ended_at=at, ended_by=by, replaced_by=replaced_by)
        self._connection.execute(ended, {"b_recipient": recipient, "b_channel": channel})

    def holder(self, key: str) -> str | None:
        """The recipient the key is pinned to now."""
        found: str | None = self._connection.scalar(_HOLDER, {"b_key": key})
        return found

    def of(self, recipient: str) -> Sequence[Pin]:
        """Oldest first."""
        return [Pin(**row._mapping) for row in self._connection.execute(_PINS_OF, {"b_recipient": recipient})]
