"""The exchange as rows. See `gateway.ports.exchange.ExchangeStore` for the contract."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert

from gateway.domain.codes import Code
from gateway.domain.exchange import Conversation, Entry, ExchangeAccount, ExchangeMail, ExchangeMailKind, SignInLink
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict
from gateway.domain.signing_in import Session
from gateway.ports.calls import Untold
from gateway.store.columns import UtcTime
from gateway.store.locking import locked, locked_or_passed_over, only_writer
from gateway.store.rows import columns_of
from gateway.store.signing_in import SigningInTables, SqlSigningIn
from gateway.store.tables.exchange import (
    exchange_accounts,
    exchange_conversations,
    exchange_entries,
    exchange_links,
    exchange_mails,
    exchange_sessions,
)
from gateway.store.tables.work import data_keys, deliveries, dispatches
from gateway.store.upsert import Insert, insert_into, replace_in

_ACCOUNTS = sa.select(*columns_of(exchange_accounts, ExchangeAccount)).order_by(exchange_accounts.c.name)
_ACCOUNT = _ACCOUNTS.where(exchange_accounts.c.name == sa.bindparam("b_name"))
_BY_ADDRESS = _ACCOUNTS.where(exchange_accounts.c.address_digest == sa.bindparam("b_digest"))
_BY_IDENTITY = _ACCOUNTS.where(exchange_accounts.c.identity == sa.bindparam("b_identity"))
_ACTING_FOR = _ACCOUNTS.where(
    exchange_accounts.c.acts_for == sa.bindparam("b_name"), exchange_accounts.c.closed_at.is_(None)
)
_CLOSE = sa.update(exchange_accounts).where(
    exchange_accounts.c.name == sa.bindparam("b_name"), exchange_accounts.c.closed_at.is_(None)
)

_CONVERSATIONS = sa.select(*columns_of(exchange_conversations, Conversation)).order_by(exchange_conversations.c.ordinal)
_OF_IDS = _CONVERSATIONS.where(exchange_conversations.c.id.in_(sa.bindparam("b_ids", expanding=True)))
_CONVERSATION = _CONVERSATIONS.where(
    exchange_conversations.c.account == sa.bindparam("b_account"),
    exchange_conversations.c.division == sa.bindparam("b_division", type_=exchange_conversations.c.division.type),
    exchange_conversations.c.files == sa.bindparam("b_files", type_=exchange_conversations.c.files.type),
)

_LEFT_IN = sa.select(exchange_entries.c.conversation)
_KEPT_IN = _LEFT_IN.join(dispatches, dispatches.c.id == exchange_entries.c.dispatch).join(
    data_keys, data_keys.c.id == dispatches.c.data_key
)
_KEY_KEPT = data_keys.alias("key_kept")
# Both sets are made once. Asked anew for each conversation, SQLite reads every entry for every one of them.
_OVER = _CONVERSATIONS.where(
    sa.exists().where(_KEY_KEPT.c.id == exchange_conversations.c.data_key),
    exchange_conversations.c.id.in_(_LEFT_IN.except_(_KEPT_IN)),
)

_ENTRIES = sa.select(*columns_of(exchange_entries, Entry)).order_by(exchange_entries.c.ordinal.desc())
_ENTRY = _ENTRIES.where(exchange_entries.c.id == sa.bindparam("b_id"))
_PACKAGE_KEPT = sa.exists().where(
    dispatches.c.id == exchange_entries.c.dispatch, data_keys.c.id == dispatches.c.data_key
)
_ENTRIES_OF = _ENTRIES.where(exchange_entries.c.account == sa.bindparam("b_account"), _PACKAGE_KEPT)
_LYING_FOR = (
    _ENTRIES_OF.where(
        exchange_entries.c.retracted_at.is_(None),
        sa.exists().where(
            deliveries.c.id == exchange_entries.c.delivery, deliveries.c.recipient == sa.bindparam("b_recipient")
        ),
    )
    .order_by(None)
    .order_by(exchange_entries.c.delivery, exchange_entries.c.ordinal)
)
_PAGE_BEFORE = exchange_entries.alias("page_before")
_OLDER = _ENTRIES_OF.where(
    exchange_entries.c.ordinal
    < sa.select(_PAGE_BEFORE.c.ordinal)
    .where(_PAGE_BEFORE.c.id == sa.bindparam("b_older"), _PAGE_BEFORE.c.account == sa.bindparam("b_account"))
    .scalar_subquery()
)
_NEWER = (
    _ENTRIES_OF.where(
        exchange_entries.c.ordinal
        > sa.func.coalesce(
            sa.select(_PAGE_BEFORE.c.ordinal)
            .where(_PAGE_BEFORE.c.id == sa.bindparam("b_newer"), _PAGE_BEFORE.c.account == sa.bindparam("b_account"))
            .scalar_subquery(),
            0,
        )
    )
    .order_by(None)
    .order_by(exchange_entries.c.ordinal)
)
_UNCOLLECTED = (
    sa.select(*columns_of(exchange_entries, Entry))
    .where(exchange_entries.c.collect_by <= sa.bindparam("b_now", type_=exchange_entries.c.collect_by.type))
    .order_by(exchange_entries.c.collect_by)
)
_AWAITING = (
    _ENTRIES.where(exchange_entries.c.account == sa.bindparam("b_account"), exchange_entries.c.collect_by.is_not(None))
    .order_by(None)
    .order_by(exchange_entries.c.ordinal)
)
_HURRY = (
    sa.update(exchange_entries)
    .where(
        exchange_entries.c.account == sa.bindparam("b_account"),
        exchange_entries.c.collect_by > sa.bindparam("b_at", type_=exchange_entries.c.collect_by.type),
    )
    .values(collect_by=sa.bindparam("b_at", type_=exchange_entries.c.collect_by.type))
)
_OF_ENTRY = ("taken", "acknowledged_at", "collect_by", "retracted_at", "listed")
"""What changes of an entry."""
_SAVE_ENTRY = sa.update(exchange_entries).where(exchange_entries.c.id == sa.bindparam("b_id"))

_LINK = sa.select(*columns_of(exchange_links, SignInLink)).where(exchange_links.c.digest == sa.bindparam("b_digest"))
_MAILS = sa.select(*columns_of(exchange_mails, ExchangeMail)).order_by(exchange_mails.c.next_at)
_DUE = _MAILS.where(exchange_mails.c.next_at <= sa.bindparam("b_now", type_=exchange_mails.c.next_at.type))
_MAIL = _MAILS.where(exchange_mails.c.id == sa.bindparam("b_id"))
_UNTOLD = sa.select(sa.func.count(), sa.func.min(exchange_mails.c.asked_at, type_=UtcTime)).where(
    exchange_mails.c.next_at.is_not(None), exchange_mails.c.sent == 0
)
_LINKS_SINCE = sa.select(sa.func.count()).where(
    exchange_mails.c.account == sa.bindparam("b_account"),
    exchange_mails.c.kind == ExchangeMailKind.LINK,
    exchange_mails.c.asked_at > sa.bindparam("b_since", type_=exchange_mails.c.asked_at.type),
)
_SAVE_MAIL = sa.update(exchange_mails).where(exchange_mails.c.id == sa.bindparam("b_id"))
_END_NOTICE = sa.update(exchange_mails).where(exchange_mails.c.entry == sa.bindparam("b_entry"))


@cache
def _put_account(dialect: str) -> Insert:
    return replace_in(exchange_accounts, dialect, key=("name",))


@cache
def _add_entry(dialect: str) -> ReturningInsert[str]:
    insert = insert_into(exchange_entries, dialect).on_conflict_do_nothing(index_elements=["id"])
    return insert.returning(exchange_entries.c.id)


class SqlExchange(SqlSigningIn[Session]):
    """`ExchangeStore` over a connection."""

    _signing_in = SigningInTables(links=exchange_links, sessions=exchange_sessions)

    def put_account(self, account: ExchangeAccount) -> None:
        """Writes the account. Raises Conflict (exchange.address-taken, exchange.identity-taken)."""
        self.ensure_free(account.address_digest, account.name)
        if account.identity is not None:
            self.ensure_not_linked(account.identity, account.name)
        self._connection.execute(_put_account(self._connection.dialect.name), vars(account))

    def account(self, name: str, *, lock: bool = False) -> ExchangeAccount | None:
        """The account, closed or not."""
        query = locked(_ACCOUNT) if lock else _ACCOUNT
        row = self._connection.execute(query, {"b_name": name}).one_or_none()
        return None if row is None else ExchangeAccount(**row._mapping)

    def account_by_address(self, address_digest: str) -> ExchangeAccount | None:
        """The account of that address."""
        row = self._connection.execute(_BY_ADDRESS, {"b_digest": address_digest}).one_or_none()
        return None if row is None else ExchangeAccount(**row._mapping)

    def ensure_free(self, address_digest: str, name: str) -> None:
        """Raises Conflict (exchange.address-taken) when another account than `name` has the address."""
        holder = self.account_by_address(address_digest)
        if holder is not None and holder.name != name:
            raise Conflict(Code.EXCHANGE_ADDRESS_TAKEN, where=name)

    def account_by_identity(self, identity: str) -> ExchangeAccount | None:
        """The account that is linked to that identity."""
        row = self._connection.execute(_BY_IDENTITY, {"b_identity": identity}).one_or_none()
        return None if row is None else ExchangeAccount(**row._mapping)

    def ensure_not_linked(self, identity: str, name: str) -> None:
        """Raises Conflict (exchange.identity-taken) when another account than `name` is linked to the identity."""
        holder = self.account_by_identity(identity)
        if holder is not None and holder.name != name:
            raise Conflict(Code.EXCHANGE_IDENTITY_TAKEN, where=name)

    def acting_for(self, name: str) -> Sequence[ExchangeAccount]:
        """The open accounts of that account's delegates, by name."""
        return [ExchangeAccount(**row._mapping) for row in self._connection.execute(_ACTING_FOR, {"b_name": name})]

    def close_account(self, name: str, at: dt.datetime) -> bool:
        """Closes it, and its address is free; False when there is none that is open."""
        closed = _CLOSE.values(closed_at=at, address_digest=f"closed {name}", identity=None)
        return self._connection.execute(closed, {"b_name": name}).rowcount == 1

    def accounts(self) -> Sequence[ExchangeAccount]:
        """By name."""
        return [ExchangeAccount(**row._mapping) for row in self._connection.execute(_ACCOUNTS)]

    def conversation(self, account: str, division: Division, files: Sequence[str]) -> Conversation | None:
        """The account's conversation on those files. In a writing transaction nobody else opens one meanwhile."""
        only_writer(self._connection, exchange_conversations)
        which = {"b_account": account, "b_division": division, "b_files": tuple(files)}
        row = self._connection.execute(_CONVERSATION, which).one_or_none()
        return None if row is None else Conversation(**row._mapping)

    def add_conversation(self, conversation: Conversation) -> None:
        """Opens it."""
        self._connection.execute(sa.insert(exchange_conversations).inline(), vars(conversation))

    def conversations(self, ids: Iterable[str]) -> Mapping[str, Conversation]:
        """Those of these ids that there are, by id."""
        rows = self._connection.execute(_OF_IDS, {"b_ids": list(dict.fromkeys(ids))})
        return {row.id: Conversation(**row._mapping) for row in rows}

    def conversations_over(self) -> Sequence[Conversation]:
        """Those whose key is still there while the packages of all that was left in them have expired. In a writing
        transaction nobody leaves anything meanwhile."""
        only_writer(self._connection, exchange_conversations)
        return [Conversation(**row._mapping) for row in self._connection.execute(_OVER)]

    def add_entry(self, entry: Entry) -> bool:
        """Leaves it; False when it lies there already."""
        add = _add_entry(self._connection.dialect.name)
        return self._connection.execute(add, vars(entry)).one_or_none() is not None

    def entry(self, entry_id: str, *, lock: bool = False) -> Entry | None:
        """The entry."""
        row = self._connection.execute(locked(_ENTRY) if lock else _ENTRY, {"b_id": entry_id}).one_or_none()
        return None if row is None else Entry(**row._mapping)

    def entries(self, account: str, *, limit: int, older_than: str | None = None) -> Sequence[Entry]:
        """At most that many of the account, the newest first; none of a package that expired."""
        query, which = (_ENTRIES_OF, {"b_account": account})
        if older_than is not None:
            query, which = _OLDER, which | {"b_older": older_than}
        return [Entry(**row._mapping) for row in self._connection.execute(query.limit(limit), which)]

    def entries_since(self, account: str, *, newer_than: str, limit: int) -> Sequence[Entry]:
        """At most that many of the account that were left after that entry, the oldest first; empty: from the first."""
        which = {"b_account": account, "b_newer": newer_than}
        return [Entry(**row._mapping) for row in self._connection.execute(_NEWER.limit(limit), which)]

    def lying_for(self, account: str, recipient: str) -> Sequence[Entry]:
        """What stands at the account for that entry of the directory, by delivery; none of a package that expired. In a
        writing transaction nobody leaves anything meanwhile."""
        only_writer(self._connection, exchange_conversations)
        rows = self._connection.execute(_LYING_FOR, {"b_account": account, "b_recipient": recipient})
        return [Entry(**row._mapping) for row in rows]

    def uncollected(self, now: dt.datetime, limit: int) -> Sequence[Entry]:
        """What was to be collected by now, the longest waiting first."""
        rows = self._connection.execute(_UNCOLLECTED.limit(limit), {"b_now": now})
        return [Entry(**row._mapping) for row in rows]

    def awaiting(self, account: str) -> Sequence[Entry]:
        """What the account was left that is still to be collected, the oldest first."""
        return [Entry(**row._mapping) for row in self._connection.execute(_AWAITING, {"b_account": account})]

    def hurry(self, account: str, at: dt.datetime) -> None:
        """What the account was left and did not collect was to be collected by then."""
        self._connection.execute(_HURRY, {"b_account": account, "b_at": at})

    def save_entry(self, entry: Entry) -> None:
        """Writes what was taken, acknowledged, withdrawn and listed, and by when it is to be collected."""
        changed = {name: getattr(entry, name) for name in _OF_ENTRY}
        saved = _SAVE_ENTRY.values(changed)
        self._connection.execute(saved, {"b_id": entry.id})

    def add_link(self, link: SignInLink) -> None:
        """A link about to be sent."""
        self._connection.execute(sa.insert(exchange_links), vars(link))

    def link(self, digest: str) -> SignInLink | None:
        """The link whose secret has that digest."""
        row = self._connection.execute(_LINK, {"b_digest": digest}).one_or_none()
        return None if row is None else SignInLink(**row._mapping)

    def owe_mail(self, mail: ExchangeMail) -> None:
        """A mail to be sent."""
        self._connection.execute(sa.insert(exchange_mails).inline(), vars(mail))

    def links_since(self, account: str, since: dt.datetime) -> int:
        """How many sign-in links the account asked for since then."""
        return int(self._connection.scalar(_LINKS_SINCE, {"b_account": account, "b_since": since}) or 0)

    def mails_due(self, now: dt.datetime) -> bool:
        """Whether any mail is due."""
        return self._connection.execute(_DUE.limit(1), {"b_now": now}).first() is not None

    def take_mails(self, *, now: dt.datetime, until: dt.datetime, limit: int) -> Sequence[ExchangeMail]:
        """The mails that are due; nobody else takes them before `until`."""
        rows = self._connection.execute(locked_or_passed_over(_DUE.limit(limit)), {"b_now": now}).all()
        for row in rows:
            self._connection.execute(_SAVE_MAIL.values(next_at=until), {"b_id": row.id})
        return [ExchangeMail(**row._mapping) for row in rows]

    def mail(self, mail_id: str) -> ExchangeMail | None:
        """The mail, sent or not."""
        row = self._connection.execute(_MAIL, {"b_id": mail_id}).one_or_none()
        return None if row is None else ExchangeMail(**row._mapping)

    def save_mail(self, mail: ExchangeMail) -> None:
        """Writes how often it was sent and when next."""
        self._connection.execute(_SAVE_MAIL.values(sent=mail.sent, next_at=mail.next_at), {"b_id": mail.id})

    def untold(self) -> Untold | None:
        """How many mails are owed of which none has left yet, and since when; None when there are none."""
        count, since = self._connection.execute(_UNTOLD).one()
        return Untold(count=count, since=since) if count else None

    def end_notice(self, entry_id: str) -> None:
        """The notice of that entry is owed no more."""
        self._connection.execute(_END_NOTICE.values(next_at=None), {"b_entry": entry_id})
