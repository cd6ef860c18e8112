"""Consent to electronic delivery, given or revoked by the holder of an account; heeded at once, and at each sending."""

import datetime as dt
from collections.abc import Callable, Sequence

from gateway.application.acts.set_going import held_with_dispatch, set_going
from gateway.application.exchange.former import own_account
from gateway.application.exchange.owed import owe
from gateway.application.files.heed_parties import HeldBack, heed
from gateway.application.recipients.directory import RecipientDirectory
from gateway.domain.account_consent import AccountConsent
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import ExchangeMailKind
from gateway.domain.parties import ChannelName, Recipient
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database

_EVENTS = {True: EventName.EXCHANGE_CONSENT_GIVEN, False: EventName.EXCHANGE_CONSENT_REVOKED}
_TOLD = {True: ExchangeMailKind.CONSENT_GIVEN, False: ExchangeMailKind.CONSENT_REVOKED}


class SaidByRecipients:
    """What routing asks: the last word of whoever stands behind an entry of the directory."""

    def __init__(self, *, database: Database, directory: RecipientDirectory) -> None:
        self._database = database
        self._directory = directory

    def __call__(self, recipient_id: str | None) -> AccountConsent | None:
        """None where the entry has no open account in our exchange, or its holder said nothing."""
        entry = self._directory.get(recipient_id)
        account = None if entry is None else account_of(entry)
        if account is None:
            return None
        with self._database.look_up() as tx:
            holder = tx.exchange.account(account)
            return None if holder is None or holder.closed_at is not None else tx.consents.last(account)


class Consents:
    """Gives and revokes."""

    def __init__(
        self, *, database: Database, directory: Callable[[], Sequence[Recipient]], held_back: HeldBack, clock: Clock
    ) -> None:
        """directory: all of its entries. held_back: why nothing of a delivery may be sent, if so."""
        self._database = database
        self._directory = directory
        self._held_back = held_back
        self._clock = clock

    def of(self, account: str) -> AccountConsent | None:
        """The account's last word."""
        with self._database.look_up() as tx:
            return tx.consents.last(account)

    def say(self, account: str, *, accepts: bool) -> int:
        """Records the word of the account's holder. What was said already changes nothing.

        How many deliveries are planned anew: those that waited to be sent electronically, or for a person because that
        was not accepted.
        """
        now = self._clock.now()
        with self._database.write() as tx:
            tx.exchange.account(account, lock=True)
            before = tx.consents.last(account)
            if before is None or before.accepts is not accepts:
                tx.consents.add(AccountConsent(account=account, accepts=accepts, at=now))
                facts: dict[str, str | int | bool] = {"account": account, "by": "exchange"}
                tx.records.append(Event(name=_EVENTS[accepts], at=now, actor="exchange", facts=facts))
                owe(tx, account, _TOLD[accepts], now)
        # A repeat too: the first may have ended between the two.
        return self._set_going(account, now) if accepts else self._plan_anew(account, now)

    def _set_going(self, account: str, now: dt.datetime) -> int:
        """What could go no other way goes on by the rules as they are; what a person is called for otherwise waits."""
        with self._database.look_up() as tx:
            owed = [one for entry in self._known(account) for one in tx.deliveries.owed_to(entry)]
        stopped, count = [one for one in owed if _is_for_want_of_consent(one)], 0
        for one in stopped:
            with self._database.write() as tx:
                _, standing = held_with_dispatch(tx, one.id)
                if _is_for_want_of_consent(standing):
                    set_going(tx, standing, because="consent-given", actor="exchange", now=now)
                    count += 1
        return count

    def _plan_anew(self, account: str, now: dt.datetime) -> int:
        return heed(
            self._database,
            self._held_back,
            lambda tx: tx.parties.to_be_sent_to(self._known(account)),
            because={"account": account},
            actor="exchange",
            now=now,
        )

    def _known(self, account: str) -> Sequence[str]:
        return [one.id for one in self._directory() if account_of(one) == account]


def _is_for_want_of_consent(delivery: Delivery) -> bool:
    reasons = {Reason.ELECTRONIC_NOT_ACCEPTED, Reason.CONSENT_WITHDRAWN}
    return delivery.state is DeliveryState.NEEDS_PERSON and delivery.reason in reasons


def account_of(entry: Recipient) -> str | None:
    """The account in our own exchange in which the entry is left its papers."""
    return own_account(entry.channel(ChannelName.SECURE_UPLOAD))
