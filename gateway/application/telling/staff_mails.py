"""Staff are told by mail: once a day of all that stands, and at once of what has become late or at risk.

What is due, the database says: a matter is a row that one process writes, whichever comes first.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.application.rounds import Round
from gateway.domain.delivery import CALLING, NEEDING_PERSON, DeliveryState, needs_person
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Step
from gateway.domain.feed import STAFF_WORK, unanswered
from gateway.domain.urgency import Urgency, urgency
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.papers import MessageText
from gateway.ports.staff_mails import StaffMail, StaffStanding

EVERY = dt.timedelta(minutes=1)
LONGEST = dt.timedelta(days=1)
"""For how long a mail is tried: after that the next digest says it better."""
LONGEST_UNTOLD = dt.timedelta(hours=1)
"""For how long a mail of the exchange may wait before staff are told."""
KEEP = dt.timedelta(days=400)
"""For how long it is remembered what was told: longer than anything stays late."""
MOST = 50
"""Dispatches waiting for a person that are named: the work list names all."""
_NAME = "staff-mails"

Text = Callable[[StaffStanding], MessageText]


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who is told: addresses, their clock, the hour of the digest by it, and the texts.

    news: of what has become late or at risk since the last look.
    """

    addresses: Sequence[str]
    zone: dt.tzinfo
    digest_hour: int
    digest: Text
    news: Text


class StaffMails:
    """Looks once a minute, and owes what is to be told. today: the date at an office."""

    def __init__(
        self, *, database: Database, staff: Staff, today: Callable[[str, dt.datetime], dt.date], clock: Clock
    ) -> None:
        self._database = database
        self._round = Round(database, _NAME, every=EVERY)
        self._staff = staff
        self._today = today
        self._clock = clock

    def run_if_due(self) -> None:
        """Owes what stands now. Does nothing while the settings name nobody."""
        now = self._clock.now()
        if not self._staff.addresses or not self._round.may_begin(now):
            return
        with self._database.write() as tx:
            if not tx.watch.begin(_NAME, now=now, every=EVERY):
                return
            standing = self._standing(tx, now)
            self._owe_news(tx, standing)
            self._owe_digest(tx, standing)
            tx.staff_mails.forget(before=now - KEEP)

    def _owe_digest(self, tx: Transaction, standing: StaffStanding) -> None:
        matter = f"digest-{standing.at.date().isoformat()}"
        if standing.at.hour >= self._staff.digest_hour and tx.staff_mails.news([matter], standing.at):
            self._owe(tx, matter, standing, self._staff.digest)

    def _owe_news(self, tx: Transaction, standing: StaffStanding) -> None:
        """Each dispatch is told when it comes to be at risk, and when it is late; again when it comes back to it."""
        late = tuple(tx.staff_mails.begun("mail-late", standing.late, standing.at))
        at_risk = tuple(tx.staff_mails.begun("mail-at-risk", standing.at_risk, standing.at))
        if not late and not at_risk:
            return
        told = StaffStanding(at=standing.at, late=late, at_risk=at_risk)
        self._owe(tx, f"news-{int(standing.at.timestamp())}", told, self._staff.news)

    def _owe(self, tx: Transaction, matter: str, standing: StaffStanding, text: Text) -> None:
        message = text(standing)
        tx.staff_mails.owe(
            [
                StaffMail(
                    id=f"{matter}-{number}",
                    to=address_digest(address),
                    subject=message.subject,
                    text=message.text,
                    made_at=standing.at,
                    next_at=standing.at,
                )
                for number, address in enumerate(self._staff.addresses, start=1)
            ]
        )

    def _standing(self, tx: Transaction, now: dt.datetime) -> StaffStanding:
        owed = self._owed(tx, now)
        counts = tx.deliveries.count_by_state()
        return StaffStanding(
            at=now.astimezone(self._staff.zone),
            late=tuple(owed[Urgency.LATE]),
            at_risk=tuple(owed[Urgency.AT_RISK]),
            people=_people(tx),
            waiting=sum(counts.get(state, 0) for state in NEEDING_PERSON) - tx.deliveries.count_waiting_for_report(),
            overdue=sum(tx.deliveries.count_overdue().values()),
            receipts=tx.incoming.count_for_person(),
            stuck=tx.dispatches.count_by_step().get(Step.STUCK, 0),
            approvals=len(tx.proposals.all(open_only=True)),
            keys=tuple(tx.watch.findings()),
            feed_work=tx.feed.count(STAFF_WORK),
            feed_unanswered=sum(map(unanswered, tx.feed.batches(unfinished=True))),
            mails_untold=_untold(tx, now),
        )

    def _owed(self, tx: Transaction, now: dt.datetime) -> Mapping[Urgency, list[str]]:
        """Every day that begins somewhere has begun a day later by UTC."""
        owed: dict[Urgency, list[str]] = {one: [] for one in Urgency}
        for one in tx.calendar.owed_until(now.date() + dt.timedelta(days=1)):
            owed[urgency(one.due, one.warn_on, self._today(one.office, now))].append(one.dispatch)
        return owed


def _people(tx: Transaction) -> tuple[str, ...]:
    """The dispatches of what waits for a person, of each state the earliest due first."""
    found = [tx.deliveries.find(state=state, channel=None, limit=MOST) for state in sorted(NEEDING_PERSON)]
    for state in (DeliveryState.BATCHED, DeliveryState.HANDED_OVER):
        found.append(tx.deliveries.find(state=state, channel=None, limit=MOST, reasons=CALLING))
    return tuple(dict.fromkeys(one.dispatch for some in found for one in some if needs_person(one)))[:MOST]


def _untold(tx: Transaction, now: dt.datetime) -> int:
    """Mails of the exchange, where the oldest has waited so long that it does not leave by itself."""
    owed = tx.exchange.untold()
    return owed.count if owed is not None and now - owed.since > LONGEST_UNTOLD else 0


def address_digest(address: str) -> str:
    """What stands for an address outside the settings."""
    return sha256(address.encode())
