"""The key of who collects: put forward by the holder of an account, and pinned once two people of the Registry agreed.

Nothing changes before. The Registry asks the holder by a way it knew already whether the fingerprint is theirs: whoever
took over an account would put forward a key of their own.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.application.exchange.accounts import address_of
from gateway.application.exchange.consents import account_of
from gateway.application.exchange.owed import owe
from gateway.application.people.approvals import Outcome
from gateway.application.recipients.keyring import Keyring
from gateway.application.sealed import Vault
from gateway.application.views import View
from gateway.domain.codes import Code
from gateway.domain.exchange import ExchangeMailKind
from gateway.domain.parties import ChannelName, Recipient, RecipientChannel
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.domain.proposals import ChangeKind
from gateway.ports.clock import Clock
from gateway.ports.database import Database

MOST_WAITING = 3
"""Keys of one entry that may wait at a time."""


@dataclass(frozen=True, kw_only=True)
class OwnKey:
    """How the key of an account's entry stands. key: what is shown of the one that is pinned. waiting: since when each
    that was put forward waits."""

    key: View | None
    waiting: Sequence[dt.datetime]


class OwnKeysOfRecipients:
    """Puts keys forward."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        directory: Callable[[], Sequence[Recipient]],
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        """directory: all of its entries."""
        self._database = database
        self._vault = vault
        self._directory = directory
        self._keyring = keyring
        self._clock = clock

    def of(self, account: str) -> OwnKey | None:
        """None where the directory has no entry, or several, that are left their papers in that account."""
        entry = self._entry(account)
        if entry is None:
            return None
        way = entry.channel(ChannelName.ENCRYPTED_EMAIL)
        return OwnKey(key=None if way is None else self._keyring.key(way), waiting=self._waiting(entry))

    def put_forward(self, account: str, raw: bytes, *, fingerprint: str | None) -> View:
        """Puts forward a certificate or an OpenPGP key, whose fingerprint must come with it; what is shown of it.

        Raises NoSuchThing (exchange.nothing-there: no one entry), InputRefused (key.*, request.invalid), Conflict
        (key.pinned-elsewhere; exchange.too-many-keys).
        """
        entry = self._entry(account)
        if entry is None:
            raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
        if len(self._waiting(entry)) >= MOST_WAITING:
            raise Conflict(Code.EXCHANGE_TOO_MANY_KEYS, most=MOST_WAITING)
        made, view = self._keyring.put_forward(
            entry, self._mailbox(account), raw, fingerprint=fingerprint, actor=f"exchange:{account}"
        )
        if made.outcome is Outcome.PROPOSED:
            with self._database.write() as tx:
                owe(tx, account, ExchangeMailKind.KEY_PUT_FORWARD, self._clock.now())
        return view

    def _entry(self, account: str) -> Recipient | None:
        found = [one for one in self._directory() if account_of(one) == account]
        return found[0] if len(found) == 1 else None

    def _waiting(self, entry: Recipient) -> Sequence[dt.datetime]:
        with self._database.look_up() as tx:
            standing = tx.proposals.all(open_only=True)
        return [one.proposed_at for one in standing if (one.kind, one.subject) == (ChangeKind.OWN_KEY, entry.id)]

    def _mailbox(self, account: str) -> RecipientChannel:
        """The way by e-mail of an entry that has none yet: to the mailbox that the Registry checked."""
        with self._database.read() as tx:
            holder = tx.exchange.account(account)
            if holder is None:
                raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
            address = address_of(tx, self._vault, holder)
        return RecipientChannel(type=ChannelName.ENCRYPTED_EMAIL, address=address)
