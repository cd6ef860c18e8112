"""The recipient directory as staff look at it: each entry with its ways, keys, proofs, consent, proposals."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.application.people.approvals import Approvals
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.recipients.key_tests import KeyTest
from gateway.application.recipients.keyring import Keyring
from gateway.application.views import View
from gateway.domain.account_consent import AccountConsent
from gateway.domain.key_findings import KeyFinding, KeyOwner
from gateway.domain.parties import Recipient, RecipientChannel
from gateway.domain.pins import Pin
from gateway.domain.proposals import ChangeKind, Proposal

Said = Callable[[str | None], AccountConsent | None]
PAGE = 100
MOST_ENTRIES = 100
_OF_AN_ENTRY = frozenset({ChangeKind.RECIPIENT, ChangeKind.OWN_KEY})


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to reach an entry; `key`: what is shown of its key, `opened`: that they opened a sample under it."""

    way: RecipientChannel
    key: View | None
    opened: KeyTest | None


@dataclass(frozen=True, kw_only=True)
class EntryLook:
    """An entry. `version`: changes with anything in it; `pins`: its keys, past ones included, oldest first; `said`: its
    holder's last word on electronic delivery; `proposed`: what waits for a second person."""

    entry: Recipient
    version: str
    ways: Sequence[Way]
    findings: Sequence[KeyFinding]
    pins: Sequence[Pin]
    said: AccountConsent | None
    proposed: Sequence[Proposal]


@dataclass(frozen=True, kw_only=True)
class EntryLine:
    """An entry in the list. `until`: when the first of its keys ends; None where none does."""

    entry: Recipient
    until: dt.datetime | None
    findings: Sequence[KeyFinding]
    proposed: int


@dataclass(frozen=True, kw_only=True)
class DirectoryPage:
    """A page of the list. next: the id after which the next one begins; None on the last."""

    lines: Sequence[EntryLine]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class KeysPage:
    """Keys, the first to end first. whole: whether all are there; else, of recipients', those alone that end within a
    month or are unfit."""

    keys: Sequence[View]
    whole: bool


class LookIntoDirectory:
    """Reads the directory. found: what the last watch over keys left; opened: the tests that a
    recipient confirmed."""

    def __init__(
        self,
        *,
        directory: RecipientDirectory,
        keyring: Keyring,
        approvals: Approvals,
        found: Callable[[], Sequence[KeyFinding]],
        opened: Callable[[str], Mapping[tuple[str, str], KeyTest]],
        said: Said,
    ) -> None:
        self._directory = directory
        self._keyring = keyring
        self._approvals = approvals
        self._found = found
        self._opened = opened
        self._said = said

    def page(self, after: str) -> DirectoryPage:
        """The entries that follow that id."""
        entries = self._directory.page(after=after, limit=PAGE + 1)
        found, proposed = self._found(), self._proposed()
        lines = [
            EntryLine(
                entry=entry,
                until=self._first_end(entry),
                findings=_of(found, entry.id),
                proposed=sum(1 for one in proposed if one.subject == entry.id),
            )
            for entry in entries[:PAGE]
        ]
        return DirectoryPage(lines=lines, next=entries[PAGE - 1].id if len(entries) > PAGE else None)

    def __call__(self, recipient_id: str) -> EntryLook:
        """One of them. Raises NoSuchThing (recipient.unknown), SetupWrong (key.openpgp-program)."""
        entry, opened = self._directory.known(recipient_id), self._opened(recipient_id)
        keys = [(way, self._keyring.key(way)) for way in entry.channels]
        return EntryLook(
            entry=entry,
            version=self._directory.version(entry),
            ways=[
                Way(way=way, key=key, opened=opened.get((entry.id, str(key["fingerprint"]))) if key else None)
                for way, key in keys
            ],
            findings=_of(self._found(), entry.id),
            pins=self._directory.pins(recipient_id),
            said=self._said(recipient_id),
            proposed=[one for one in self._proposed() if one.subject == recipient_id],
        )

    def keys(self) -> KeysPage:
        """Anchors, the gateway's own keys, and those pinned to recipients: what ends first comes first."""
        entries = self._directory.page(after="", limit=MOST_ENTRIES + 1)
        whole = len(entries) <= MOST_ENTRIES
        if not whole:  # each would be opened only to learn that its key is sound
            asked = sorted({one.whose for one in self._found() if one.owner is KeyOwner.RECIPIENT})[:MOST_ENTRIES]
            entries = [entry for one in asked if (entry := self._directory.get(one)) is not None]
        keys = sorted(self._keyring.all(entries), key=lambda one: str(one["not_after"] or "9999"))
        return KeysPage(keys=keys, whole=whole)

    def _proposed(self) -> Sequence[Proposal]:
        return [one for one in self._approvals.all(open_only=True) if one.kind in _OF_AN_ENTRY]

    def _first_end(self, entry: Recipient) -> dt.datetime | None:
        keys = [key for way in entry.channels if (key := self._keyring.key(way)) is not None]
        ends = [dt.datetime.fromisoformat(str(key["not_after"])) for key in keys if key["not_after"]]
        return min(ends, default=None)


def _of(found: Sequence[KeyFinding], recipient: str) -> Sequence[KeyFinding]:
    return [one for one in found if one.owner is KeyOwner.RECIPIENT and one.whose == recipient]
