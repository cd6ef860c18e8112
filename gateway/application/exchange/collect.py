"""Collecting: what lies there for an account, its documents piece by piece, and the word that they have them.

Whoever asks gets what is theirs: what is another's is answered as what does not exist.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import PurePath

from gateway.application import contexts
from gateway.application.exchange.bundle import zipped
from gateway.application.exchange.secrets import digest
from gateway.application.exchange.taking import bear_taking
from gateway.application.exchange.witness import Seen, witnessed
from gateway.application.kept_json import from_kept
from gateway.application.sealed import DataKey, Vault, data_key, package_key
from gateway.domain.codes import Code
from gateway.domain.dispatch import Step
from gateway.domain.entry_note import EntryNote
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import Conversation, Entry, LeftDocument
from gateway.domain.problem import NoSuchThing, Problem, ServiceDown
from gateway.domain.receipt import EXCHANGE, Receipt, ReceiptEvent
from gateway.domain.report import Finding
from gateway.domain.unreached import Unreached
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.traces import UNTRACED, TracedStep, Traces

PAGE = 20
"""Entries of one page of the list."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """What was left at once, the conversation that it belongs to, and what is told beside it: None where that cannot
    be opened."""

    entry: Entry
    conversation: Conversation
    note: EntryNote | None


@dataclass(frozen=True, kw_only=True)
class Download:
    """A document on its way. `parts` opens piece by piece. An empty one asks whether all before it arrived: who goes on
    after it says that it did, and that is recorded."""

    document: LeftDocument
    parts: Iterator[bytes]


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """All documents of an entry on their way as one ZIP, in parts as those of a `Download`."""

    name: str
    parts: Iterator[bytes]


@dataclass(frozen=True, kw_only=True)
class NewOnes:
    """What is new on its way as one ZIP. cursor: where to go on from; more: whether anything was left after it."""

    parts: Iterator[bytes]
    cursor: str
    more: bool


@dataclass(frozen=True, kw_only=True)
class _Act:
    """What the recipient did. `document`: the digest of the one that was downloaded. `delegate`: who did it in their
    place; `token`: by which a system of theirs did; `session`: the digest of that in which they did."""

    name: str
    at: dt.datetime
    document: str = ""
    delegate: str | None = None
    token: str | None = None
    session: str | None = None


class _DoneBefore(Exception):  # noqa: N818
    """Another request was quicker: what was kept of this one is removed again."""


class CollectFromExchange:
    """What lies there."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock, traces: Traces = UNTRACED) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._traces = traces

    def all(self, account: str, *, older_than: str | None = None, limit: int = PAGE) -> Sequence[Left]:
        """What was left for the account, the newest first, a page at a time. older_than: where the page before ended.
        An entry that is not theirs ends every page."""
        with self._database.read() as tx:
            return self._told(tx, tx.exchange.entries(account, older_than=older_than, limit=limit))

    def since(self, account: str, cursor: str, *, limit: int = PAGE) -> Sequence[Left]:
        """What was left for the account after what `cursor` names, the oldest first; empty: from the first."""
        with self._database.read() as tx:
            return self._told(tx, tx.exchange.entries_since(account, newer_than=cursor, limit=limit))

    def _told(self, tx: Transaction, entries: Sequence[Entry]) -> Sequence[Left]:
        conversations = tx.exchange.conversations(one.conversation for one in entries)
        return [
            Left(entry=one, conversation=conversations[one.conversation], note=self._note(tx, one)) for one in entries
        ]

    def _note(self, tx: Transaction, entry: Entry) -> EntryNote | None:
        """Damage to what is told beside one entry hides no other."""
        if entry.retracted_at is not None:
            return EntryNote()
        try:
            return note_of(self._vault, entry, package_key(tx.registry, tx.dispatches.get(entry.dispatch)))
        except ServiceDown:
            raise
        except Problem:
            return None

    def were_listed(
        self, account: str, shown: Sequence[Left], *, delegate: str | None = None, token: str | None = None
    ) -> None:
        """They were shown to the account's holder, to a delegate, or to a system of theirs: told once of each."""
        by = token or delegate or account
        new = [one.entry for one in shown if by not in one.entry.listed and one.entry.retracted_at is None]
        if not new:
            return
        facts = {"account": account, "delegate": delegate or "", "token": token or ""}
        with self._database.write() as tx:
            # In the order in which a recall takes its locks: entries, then the chains of their deliveries.
            new.sort(key=lambda one: (one.delivery, one.left_at))
            locked = [_own(tx, account, one.id, lock=True) for one in new]
            for entry in locked:
                if by not in entry.listed:
                    tx.exchange.save_entry(replace(entry, listed=entry.listed | {by}))
                    tx.records.append(_event(EventName.EXCHANGE_LISTED, self._clock.now(), entry, facts))

    def document(
        self, account: str, entry_id: str, place: int, *, delegate: str | None = None, token: str | None = None
    ) -> Download:
        """One document, for the account's holder, by a delegate, or by a system of theirs that has that token.

        Raises NoSuchThing (exchange.nothing-there) for what is not there, another's or withdrawn, and for what cannot
        be opened: that calls a person.
        """
        with self._database.read() as tx:
            entry = _standing(tx, account, entry_id)
        if not 0 <= place < len(entry.documents):
            raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
        key, document = self._key(entry, place), entry.documents[place]
        by = _Act(name="downloaded", at=self._clock.now(), document=document.digest, delegate=delegate, token=token)
        return Download(document=document, parts=self._parts(entry, place, key, by))

    def bundle(self, account: str, entry_id: str, *, session: str, delegate: str | None = None) -> Bundle:
        """All of them. It is called as its first document is. session: its secret. Raises as `document`."""
        with self._database.read() as tx:
            entry = _standing(tx, account, entry_id)
        keys = [self._key(entry, place) for place in range(len(entry.documents))]
        by = _Act(name="downloaded", at=self._clock.now(), delegate=delegate, session=digest(session))
        documents = (
            (document, self._parts(entry, place, keys[place], replace(by, document=document.digest)))
            for place, document in enumerate(entry.documents)
            if self._goes_on(entry, by)
        )
        name = f"{PurePath(entry.documents[0].name).stem}.zip" if entry.documents else f"{entry_id}.zip"
        return Bundle(name=name, parts=zipped(documents))

    def all_since(self, account: str, cursor: str, *, token: str, limit: int = PAGE) -> NewOnes:
        """Every document that `since` tells of and that can be taken, as one ZIP with a folder for each entry. What
        cannot be opened calls a person and is left out, so that it holds up nothing that was left after it."""
        with self._database.read() as tx:
            entries = tx.exchange.entries_since(account, newer_than=cursor, limit=limit + 1)
        standing = [one for one in entries[:limit] if one.retracted_at is None]
        by = _Act(name="downloaded", at=self._clock.now(), token=token)
        documents = (
            (
                replace(document, name=f"{entry.id}/{document.name}"),
                self._parts(entry, place, key, replace(by, document=document.digest)),
            )
            for entry in standing
            for place, document in enumerate(entry.documents)
            if self._goes_on(entry, by) and (key := self._opens(entry, place)) is not None
        )
        last = entries[:limit][-1].id if entries else cursor
        return NewOnes(parts=zipped(documents), cursor=last, more=len(entries) > limit)

    def acknowledge(self, account: str, entry_id: str, *, delegate: str | None = None) -> None:
        """The recipient says that they have it; a second time changes nothing. Raises NoSuchThing."""
        with self._database.read() as tx:
            entry = _standing(tx, account, entry_id)
        if entry.acknowledged_at is not None:
            return
        act = _Act(name="acknowledged", at=self._clock.now(), delegate=delegate)
        with self._traced(entry), suppress(_DoneBefore), self._seen(entry, act) as seen, self._database.write() as tx:
            standing = _standing(tx, account, entry_id, lock=True)
            if standing.acknowledged_at is not None:
                raise _DoneBefore
            self._record(tx, standing, replace(standing, acknowledged_at=act.at), act, seen)

    def _key(self, entry: Entry, place: int) -> DataKey:
        """The key of a document that opens. Raises NoSuchThing (exchange.nothing-there)."""
        key = self._opens(entry, place)
        if key is None:
            raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
        return key

    def _opens(self, entry: Entry, place: int) -> DataKey | None:
        """The key of a document, if its beginning opens with it; None where it is damaged, which calls a person."""
        try:
            with self._database.read() as tx:
                key = _key_of(tx, entry)
            for name in entry.documents[place].parts[:1]:
                self._vault.get(key, f"{contexts.left(entry.id, place)}/0", name)
        except ServiceDown:
            raise
        except Problem:
            with self._database.write() as tx:
                tx.unreached.add(Unreached.at(entry, Finding.ENTRY_BROKEN, self._clock.now()))
            return None
        return key

    def _goes_on(self, entry: Entry, by: _Act) -> bool:
        """Whether the next document of a ZIP may still be given: asked before each, since a reader may take hours."""
        now = self._clock.now()
        with self._database.read() as tx:
            try:
                _standing(tx, entry.account, entry.id)
            except NoSuchThing:
                return False
            holders = [tx.exchange.account(one) for one in {entry.account, by.delegate or entry.account}]
            session = tx.exchange.session(by.session) if by.session is not None else None
            token = tx.exchange_tokens.find(by.token) if by.token is not None else None
        is_open = all(one is not None and one.closed_at is None for one in holders)
        return is_open and ((session is not None and session.lasts(now)) or (token is not None and token.holds(now)))

    def _parts(self, entry: Entry, place: int, key: DataKey, by: _Act) -> Iterator[bytes]:
        context, document = contexts.left(entry.id, place), entry.documents[place]
        for number, name in enumerate(document.parts):
            yield self._vault.get(key, f"{context}/{number}", name)
        yield b""
        # Only now: what broke off on its way was not taken. What was withdrawn meanwhile had begun, and is with them.
        act = replace(by, at=self._clock.now())
        with self._traced(entry), self._seen(entry, act) as seen, self._database.write() as tx:
            standing = _own(tx, entry.account, entry.id, lock=True)
            self._record(tx, standing, replace(standing, taken=standing.taken | {document.digest}), act, seen)

    @contextmanager
    def _traced(self, entry: Entry) -> Iterator[None]:
        """An act of the recipient, as a step of the entry's dispatch."""
        with self._traces.step(TracedStep.COLLECT) as about:
            about(entry.dispatch, delivery=entry.delivery, attempt=entry.attempt)
            yield

    def _seen(self, entry: Entry, act: _Act) -> AbstractContextManager[Seen]:
        """The evidence of the act, kept before the transaction that names it."""
        return witnessed(self._database, self._vault, _evidence(entry, act))

    def _record(self, tx: Transaction, before: Entry, after: Entry, act: _Act, seen: Seen) -> None:
        """The entry, its receipt with the evidence, the delivery and the event, in one transaction."""
        tx.exchange.save_entry(replace(after, collect_by=None) if after.collected else after)
        receipt = Receipt(event=ReceiptEvent.CONTENT_HANDOVER, at=act.at, source=EXCHANGE, evidence=seen.digest)
        tx.records.add_receipt(seen.record(after, receipt))
        collected = after.collected and not before.collected
        if collected:
            tx.exchange.end_notice(after.id)
        if collected or after.retracted_at is not None:
            _move(tx, after, act.at)
        facts = {
            "account": after.account,
            "act": act.name,
            "document": act.document,
            "delegate": act.delegate or "",
            "token": act.token or "",
            "evidence": seen.digest,
        }
        tx.records.append(_event(EventName.EXCHANGE_TAKEN, act.at, after, facts))


def _move(tx: Transaction, entry: Entry, at: dt.datetime) -> None:
    """The delivery once its papers are with the recipient. What was withdrawn while they took it calls a person; where
    it was withdrawn because the delivery goes elsewhere, that it was taken here says nothing of the delivery."""
    recalled = tx.dispatches.get(entry.dispatch).step is Step.RECALLED
    if entry.retracted_at is not None:
        finding = Finding.RECALL_UNREACHED if recalled else Finding.FORMER_HAS_IT
        tx.unreached.add(Unreached.at(entry, finding, at, taken=True))
    delivery = tx.deliveries.get(entry.delivery, lock=True)
    (attempt,) = [one for one in tx.deliveries.attempts(delivery.id) if one.id == entry.attempt]
    bear_taking(tx, delivery, attempt, entry, recalled=recalled)


def _event(name: EventName, at: dt.datetime, entry: Entry, facts: Mapping[str, str]) -> Event:
    """Of the entry's delivery, with the facts that there are."""
    return Event(
        name=name,
        at=at,
        actor=EXCHANGE,
        dispatch=entry.dispatch,
        delivery=entry.delivery,
        attempt=entry.attempt,
        facts={name: value for name, value in facts.items() if value},
    )


def note_of(vault: Vault, entry: Entry, key: DataKey) -> EntryNote:
    """What is told beside the entry, under its package's key. Raises SetupWrong (seal.broken)."""
    if entry.note is None:
        return EntryNote()
    return from_kept(EntryNote, vault.open(key, contexts.entry_note(entry.id), entry.note), where=entry.id)


def _key_of(tx: Transaction, entry: Entry) -> DataKey:
    return data_key(tx.registry, tx.exchange.conversations([entry.conversation])[entry.conversation].data_key)


def _own(tx: Transaction, account: str, entry_id: str, *, lock: bool = False) -> Entry:
    entry = tx.exchange.entry(entry_id, lock=lock)
    if entry is None or entry.account != account:
        raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
    return entry


def _standing(tx: Transaction, account: str, entry_id: str, *, lock: bool = False) -> Entry:
    """What may still be taken."""
    entry = _own(tx, account, entry_id, lock=lock)
    expired = not tx.registry.has_data_key(tx.dispatches.get(entry.dispatch).data_key)
    if expired or entry.retracted_at is not None:
        raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
    return entry


def _evidence(entry: Entry, act: _Act) -> Mapping[str, str]:
    """What this exchange saw, as it is kept: who, what and when, nothing of the content."""
    seen = {
        "account": entry.account,
        "entry": entry.id,
        "act": act.name,
        "document": act.document,
        "at": act.at.isoformat(),
    }
    for name, by in (("delegate", act.delegate), ("token", act.token)):
        if by is not None:
            seen[name] = by
    return seen
