"""Leaving papers in a recipient's conversation: once for each reference, sealed in parts under the conversation's key.

In parts, so that a large document is opened and given out piece by piece and is never whole in memory.
"""

import asyncio
import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gateway.application import contexts
from gateway.application.dates.receipt_rules import patience_rules
from gateway.application.exchange.owed import notice_of
from gateway.application.kept_json import to_kept
from gateway.application.papers.message_json import note_from_json
from gateway.application.sealed import DataKey, Put, Vault, data_key, package_key
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Step
from gateway.domain.exchange import Conversation, Entry, LeftDocument
from gateway.domain.exchange_patience import find_patience
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.domain.reference import token_of
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.exchange import PaperToLeave

PART = 1_000_000
"""Bytes of a document that are sealed as one object."""


class LeaveInExchange:
    """`gateway.ports.exchange.Exchange` over the database and the vault."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def leave(self, reference: str, account: str, papers: Sequence[PaperToLeave]) -> dt.datetime:
        """See `Exchange`."""
        return await asyncio.to_thread(self._leave, reference, account, papers)

    def left_at(self, reference: str) -> dt.datetime | None:
        """See `Exchange`."""
        with self._database.read() as tx:
            standing = tx.exchange.entry(token_of(reference))
        return None if standing is None else standing.left_at

    def _leave(self, reference: str, account: str, papers: Sequence[PaperToLeave]) -> dt.datetime:
        token = token_of(reference)
        with self._database.read() as tx:
            standing = tx.exchange.entry(token)
            attempts = tx.deliveries.by_tokens([token])
        if standing is not None:
            return standing.left_at
        if not attempts:
            raise NoSuchThing(Code.DELIVERY_UNKNOWN, where=reference)
        conversation, key = self._conversation(attempts[-1], account)
        note = self._note(token, attempts[-1])
        try:
            with self._vault.keeping() as put:
                documents = tuple(
                    _sealed(paper, put, key, contexts.left(token, place)) for place, paper in enumerate(papers)
                )
                return self._enter(replace(_entry(token, attempts[-1], conversation, documents), note=note))
        except _LeftBefore as before:
            return before.at
        except _KeyGone:
            return self._leave(reference, account, papers)

    def _note(self, token: str, attempt: Attempt) -> bytes:
        """What is told beside the papers, sealed again to where it will stand."""
        with self._database.look_up() as tx:
            dispatch = tx.dispatches.get(tx.deliveries.get(attempt.delivery).dispatch)
            key, message = package_key(tx.registry, dispatch), tx.records.documents(attempt.delivery)[0]
        told = note_from_json(self._vault.get(key, contexts.papers(attempt.delivery), message.object_name))
        return self._vault.seal(key, contexts.entry_note(token), to_kept(told))

    def _conversation(self, attempt: Attempt, account: str) -> tuple[Conversation, DataKey]:
        """The conversation on the delivery's files with its key; opened where there is none yet."""
        now, new_id = self._clock.now(), str(uuid.uuid4())
        new_key = self._vault.new_key(contexts.conversation_key(new_id))
        with self._database.write() as tx:
            known = tx.exchange.account(account)
            if known is None or known.closed_at is not None or known.acts_for is not None:
                raise NoSuchThing(Code.EXCHANGE_ACCOUNT_UNKNOWN, where=account)
            dispatch = tx.dispatches.get(tx.deliveries.get(attempt.delivery).dispatch)
            standing = tx.exchange.conversation(account, dispatch.division, dispatch.files)
            if standing is not None and tx.registry.has_data_key(standing.data_key):
                return standing, data_key(tx.registry, standing.data_key)
            if standing is not None:  # all that lay there has expired
                anew = self._vault.new_key(standing.data_key)
                tx.registry.add_data_key(anew.id, anew.wrapped)
                return standing, anew
            opened = Conversation(
                id=new_id,
                account=account,
                division=dispatch.division,
                files=dispatch.files,
                data_key=new_key.id,
                opened_at=now,
            )
            tx.registry.add_data_key(new_key.id, new_key.wrapped)
            tx.exchange.add_conversation(opened)
        return opened, new_key

    def _enter(self, entry: Entry) -> dt.datetime:
        """Writes the entry and owes its notice.

        Raises _LeftBefore when another process was quicker, _KeyGone, Conflict (dispatch.recalled,
        delivery.changed-meanwhile): a recall waits for the same lock, and so does a change of the directory, so that it
        either finds what was left, or nothing is left any more.
        """
        now = self._clock.now()
        with self._database.write() as tx:
            delivery = tx.deliveries.get(entry.delivery)
            dispatch = tx.dispatches.get(delivery.dispatch, lock=True)
            if dispatch.step is Step.RECALLED:
                raise Conflict(Code.DISPATCH_RECALLED, where=dispatch.id)
            conversation = tx.exchange.conversation(entry.account, dispatch.division, dispatch.files)
            if conversation is None or not tx.registry.has_data_key(conversation.data_key):
                raise _KeyGone
            _ensure_unchanged(tx, delivery, entry)
            collect_by = now + find_patience(patience_rules(), dispatch.division).patience
            left = replace(entry, left_at=now, dispatch=dispatch.id, collect_by=collect_by)
            if not tx.exchange.add_entry(left):
                standing = tx.exchange.entry(entry.id)
                raise _LeftBefore(standing.left_at if standing else now)
            for account in (entry.account, *(one.name for one in tx.exchange.acting_for(entry.account))):
                tx.exchange.owe_mail(notice_of(entry.id, account, now))
        return now


def _ensure_unchanged(tx: Transaction, delivery: Delivery, entry: Entry) -> None:
    """Raises Conflict (delivery.changed-meanwhile): the account was looked up before the directory's entry changed. The
    next try looks it up anew. entry: as it is about to be left, with the moment at which its attempt was claimed."""
    known = None if delivery.recipient is None else tx.registry.recipient(delivery.recipient)
    if known is not None and known.changed_at > entry.left_at:
        raise Conflict(Code.DELIVERY_CHANGED_MEANWHILE, where=delivery.id)


class _KeyGone(Exception):  # noqa: N818
    """All else in the conversation expired meanwhile, and its key with it: sealed again under a new one."""


class _LeftBefore(Exception):  # noqa: N818
    """It lies there already, since `at`: what was just sealed is removed again."""

    def __init__(self, at: dt.datetime) -> None:
        super().__init__()
        self.at = at


def _entry(token: str, attempt: Attempt, conversation: Conversation, documents: tuple[LeftDocument, ...]) -> Entry:
    return Entry(
        id=token,
        conversation=conversation.id,
        account=conversation.account,
        dispatch="",
        delivery=attempt.delivery,
        attempt=attempt.id,
        left_at=attempt.claimed_at,
        documents=documents,
    )


def _sealed(paper: PaperToLeave, put: Put, key: DataKey, context: str) -> LeftDocument:
    parts = tuple(put(key, f"{context}/{number}", part) for number, part in enumerate(_parts(paper.content)))
    return LeftDocument(
        name=paper.name,
        media_type=paper.media_type,
        digest=sha256(paper.content),
        size=len(paper.content),
        parts=parts,
    )


def _parts(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PART):
        yield content[start : start + PART]
