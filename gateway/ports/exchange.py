"""The exchange as rows, the way into it that the channel uses, and the mails that it sends."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.exchange import Conversation, Entry, ExchangeAccount, ExchangeMail, SignInLink
from gateway.domain.outcomes import Division
from gateway.domain.parties import PreferredLanguage
from gateway.domain.signing_in import Session
from gateway.ports.calls import Untold
from gateway.ports.signing_in import SigningInStore


@dataclass(frozen=True, kw_only=True)
class PaperToLeave:
    """One document as it will lie there."""

    name: str
    media_type: str
    content: bytes


class Exchange(Protocol):
    """Where papers are left."""

    async def leave(self, reference: str, account: str, papers: Sequence[PaperToLeave]) -> dt.datetime:
        """When they were left for the account: the same reference again leaves nothing and gives the first moment.

        Raises NoSuchThing (exchange.account-unknown) where nobody may collect; Conflict (dispatch.recalled;
        delivery.changed-meanwhile: the next try looks the account up anew); SetupWrong; ServiceDown: then it may be
        asked again, since a repeat is recognised.
        """
        ...

    def left_at(self, reference: str) -> dt.datetime | None:
        """When that reference was left; None when it was not. Raises ServiceDown."""
        ...


class ClerksFolder(Protocol):
    """What lies ready for a clerk to upload to an exchange that no program reaches. Each reference lies there once."""

    async def lay_out(self, reference: str, papers: Sequence[PaperToLeave]) -> str:
        """Where they lie: all of them or none, for their owner alone. The same again changes nothing; other papers take
        the place of those that lie there under that reference.

        Raises SetupWrong where the folder cannot be used, ServiceDown where the disk is full or does not answer.
        """
        ...

    def holds(self, reference: str) -> bool:
        """Whether that reference lies there."""
        ...

    def all(self) -> Sequence[str]:
        """The references that lie there."""
        ...

    def destroy(self, reference: str) -> None:
        """Removes it; no error where it is gone."""
        ...


@dataclass(frozen=True, kw_only=True)
class ClerksPaper:
    """A document as a clerk finds it. `digest`: `sha256:…`."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ClerksTask:
    """What a clerk is asked to upload, where, and within which limits, in bytes."""

    account: str
    reference: str
    papers: Sequence[ClerksPaper]
    max_message: int
    max_conversation: int


class ClerksTexts(Protocol):
    """The texts that lie beside the documents: they name nobody and nothing of the decision."""

    def message(self, language: PreferredLanguage) -> str:
        """What the clerk pastes as the message, in the participant's language."""
        ...

    def checklist(self, task: ClerksTask) -> str:
        """What the clerk does, in both languages of the Registry."""
        ...


class ExchangeStore(SigningInStore[Session], Protocol):
    """The exchange as rows."""

    def put_account(self, account: ExchangeAccount) -> None:
        """Writes the account. Raises Conflict (exchange.address-taken, exchange.identity-taken) when the address or the
        identity is another account's."""
        ...

    def account(self, name: str, *, lock: bool = False) -> ExchangeAccount | None:
        """The account, closed or not. `lock`: until the transaction ends nobody else writes it."""
        ...

    def account_by_address(self, address_digest: str) -> ExchangeAccount | None:
        """The account of that address."""
        ...

    def ensure_free(self, address_digest: str, name: str) -> None:
        """Raises Conflict (exchange.address-taken) when another account than `name` has the address."""
        ...

    def account_by_identity(self, identity: str) -> ExchangeAccount | None:
        """The account that is linked to that identity of the provider."""
        ...

    def ensure_not_linked(self, identity: str, name: str) -> None:
        """Raises Conflict (exchange.identity-taken) when another account than `name` is linked to it."""
        ...

    def acting_for(self, name: str) -> Sequence[ExchangeAccount]:
        """The open accounts of that account's delegates, by name."""
        ...

    def close_account(self, name: str, at: dt.datetime) -> bool:
        """Closes it, and its address and identity are free; False when there is none that is open."""
        ...

    def accounts(self) -> Sequence[ExchangeAccount]:
        """By name."""
        ...

    def conversation(self, account: str, division: Division, files: Sequence[str]) -> Conversation | None:
        """The account's conversation on those files. In a writing transaction nobody else opens one meanwhile."""
        ...

    def add_conversation(self, conversation: Conversation) -> None:
        """Opens it."""
        ...

    def conversations(self, ids: Iterable[str]) -> Mapping[str, Conversation]:
        """Those of these ids that there are, by id."""
        ...

    def conversations_over(self) -> Sequence[Conversation]:
        """Those whose key is still there while the packages of all that was left in them have expired. In a writing
        transaction nobody leaves anything meanwhile."""
        ...

    def add_entry(self, entry: Entry) -> bool:
        """Leaves it; False, and nothing written, when it lies there already."""
        ...

    def entry(self, entry_id: str, *, lock: bool = False) -> Entry | None:
        """The entry. `lock`: until the transaction ends nobody else writes it."""
        ...

    def entries(self, account: str, *, limit: int, older_than: str | None = None) -> Sequence[Entry]:
        """At most that many of the account, the newest first; none of a package that expired. older_than: the id of
        the entry where the page before ended."""
        ...

    def entries_since(self, account: str, *, newer_than: str, limit: int) -> Sequence[Entry]:
        """At most that many of the account that were left after the entry of that id, the oldest first; none of a
        package that expired. An id that is none of the account's: from the first."""
        ...

    def lying_for(self, account: str, recipient: str) -> Sequence[Entry]:
        """What stands at the account for that entry of the directory, by delivery; none of a package that expired. In a
        writing transaction nobody leaves anything meanwhile."""
        ...

    def uncollected(self, now: dt.datetime, limit: int) -> Sequence[Entry]:
        """What was to be collected by now, the longest waiting first."""
        ...

    def awaiting(self, account: str) -> Sequence[Entry]:
        """What the account was left that is still to be collected, the oldest first."""
        ...

    def hurry(self, account: str, at: dt.datetime) -> None:
        """What the account was left and did not collect was to be collected by then."""
        ...

    def save_entry(self, entry: Entry) -> None:
        """Writes what was taken, acknowledged, withdrawn and listed, and by when it is to be collected."""
        ...

    def add_link(self, link: SignInLink) -> None:
        """A link about to be sent."""
        ...

    def link(self, digest: str) -> SignInLink | None:
        """The link whose secret has that digest."""
        ...

    def owe_mail(self, mail: ExchangeMail) -> None:
        """A mail to be sent."""
        ...

    def links_since(self, account: str, since: dt.datetime) -> int:
        """How many sign-in links the account asked for since then."""
        ...

    def mails_due(self, now: dt.datetime) -> bool:
        """Whether any mail is due."""
        ...

    def take_mails(self, *, now: dt.datetime, until: dt.datetime, limit: int) -> Sequence[ExchangeMail]:
        """The mails that are due; nobody else takes them before `until`."""
        ...

    def mail(self, mail_id: str) -> ExchangeMail | None:
        """The mail, sent or not."""
        ...

    def save_mail(self, mail: ExchangeMail) -> None:
        """Writes how often it was sent and when next."""
        ...

    def untold(self) -> Untold | None:
        """How many mails are owed of which none has left yet, and since when they were; None when there are none."""
        ...

    def end_notice(self, entry_id: str) -> None:
        """The notice of that entry is owed no more."""
        ...
