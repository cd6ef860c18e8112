"""The carriers of a simulated year: what befalls a send, and what comes back on what arrived, drawn by chance.

Each remembers what really arrived, whatever the gateway came to believe of it.
"""

import datetime as dt
import heapq
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason
from gateway.domain.reference import SendingToken
from gateway.domain.report import Finding
from gateway.ports.channels import Answer, Prepared
from tests.application.stage import TestClock
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


class Killed(BaseException):
    """The worker's process ends in the middle of a send."""


@dataclass(frozen=True)
class Outage:
    """Days of the year, from the first on and before the second, on which a channel answers that."""

    channel: str
    since: int
    until: int
    answer: AttemptResult


OUTAGES = (
    Outage("encrypted-email", 38, 46, NotSent(reason=Reason.SMTP_CONNECT)),
    Outage("encrypted-email", 120, 127, Misconfigured(reason=Reason.SMTP_AUTHENTICATION)),
    Outage("fax", 36, 56, NotSent(reason=Reason.SMTP_CONNECT)),
    Outage("secure-upload", 200, 228, NotSent(reason=Reason.EXCHANGE_TEMPORARY)),
)
"""Of days: long enough that what waits must move on, or go to a person, before it is due."""


@dataclass(frozen=True)
class Fault:
    """What befalls one send in so many. arrives: whether the recipient's side has the papers all the same."""

    name: str
    answer: AttemptResult | BaseException
    arrives: float = 0.0


FAULTS: dict[str, Sequence[Fault]] = {
    "encrypted-email": (
        Fault("nobody answers", NotSent(reason=Reason.SMTP_CONNECT)),
        Fault("4xx", NotSent(reason=Reason.SMTP_TEMPORARY)),
        Fault("4xx", NotSent(reason=Reason.SMTP_TEMPORARY)),
        Fault("5xx", Refused(reason=Reason.SMTP_REFUSED)),
        Fault("nothing after the final dot", MaybeSent(reason=Reason.SMTP_UNCERTAIN), arrives=0.6),
        Fault("misconfigured", Misconfigured(reason=Reason.SMTP_AUTHENTICATION)),
        Fault("unforeseen", ZeroDivisionError(), arrives=0.5),
        Fault("killed while sending", Killed(), arrives=0.5),
    ),
    "fax": (
        Fault("fax cut", MaybeSent(reason=Reason.SMTP_UNCERTAIN), arrives=0.5),
        Fault("killed while sending", Killed(), arrives=0.5),
    ),
    "secure-upload": (
        Fault("upload expired", NotSent(reason=Reason.EXCHANGE_EXPIRED)),
        Fault("upload uncertain", MaybeSent(reason=Reason.EXCHANGE_UNCERTAIN), arrives=0.5),
        Fault("no account", Refused(reason=Reason.EXCHANGE_NO_ACCOUNT)),
        Fault("upload refused", Refused(reason=Reason.EXCHANGE_DIFFERS)),
    ),
}
ONE_IN = 4
"""Sends that something befalls."""

Told = Sequence[tuple[dt.timedelta, Sequence[Finding]]]
_F = Finding
AFTERWARDS: dict[str, dict[str, Told]] = {
    "encrypted-email": {
        "relayed": [(MINUTE, [_F.RELAYED])],
        "delivered": [(MINUTE, [_F.IN_MAILBOX]), (DAY, [_F.DISPLAYED])],
        "signed": [(MINUTE, [_F.RELAYED]), (DAY, [_F.SIGNED])],
        "delayed, then relayed": [(HOUR, [_F.DELAYED]), (DAY, [_F.RELAYED])],
        "delayed only": [(HOUR, [_F.DELAYED])],
        "bounced": [(MINUTE, [_F.FAILED])],
        "bounced late": [(MINUTE, [_F.RELAYED]), (9 * DAY, [_F.FAILED])],
        "signed, then bounced": [(HOUR, [_F.SIGNED]), (10 * DAY, [_F.FAILED])],
        "absence notice": [(MINUTE, [_F.AUTOMATIC_REPLY]), (HOUR, [_F.RELAYED])],
        "somebody wrote": [(MINUTE, [_F.RELAYED]), (DAY, [_F.PERSONAL_REPLY])],
        "beyond reading": [(MINUTE, [_F.UNREADABLE]), (HOUR, [_F.RELAYED])],
        "thrown away unread": [(HOUR, [_F.RELAYED]), (DAY, [_F.DISCARDED])],
        "forged receipt": [(HOUR, [_F.SIGNED_UNPROVEN]), (HOUR, [_F.RELAYED])],
        "lost": [],
    },
    "fax": {
        "sent": [(HOUR, [_F.FAX_ACCEPTED]), (HOUR, [_F.FAX_SENT])],
        "busy": [(HOUR, [_F.FAX_BUSY])],
        "another machine": [(HOUR, [_F.FAX_WRONG_MACHINE])],
        "lost": [],
    },
    "secure-upload": {
        "taken": [(HOUR, [_F.LEFT]), (2 * DAY, [_F.TAKEN])],
        "never taken": [(HOUR, [_F.LEFT])],
        "of other papers": [(HOUR, [_F.OTHER_CONTENT])],
        "lost": [],
    },
    "courier": {"signed": [(HOUR, [_F.MAIL_INDUCTED]), (2 * DAY, [_F.MAIL_SIGNED])], "lost": []},
    "registered-mail": {
        "signed": [(HOUR, [_F.MAIL_INDUCTED]), (3 * DAY, [_F.MAIL_SIGNED])],
        "held, then signed": [(2 * DAY, [_F.MAIL_ATTEMPTED]), (2 * DAY, [_F.MAIL_HELD]), (9 * DAY, [_F.MAIL_SIGNED])],
        "returned": [(2 * DAY, [_F.MAIL_ATTEMPTED]), (20 * DAY, [_F.MAIL_RETURNED])],
        "refused": [(3 * DAY, [_F.MAIL_REFUSED])],
        "unsigned": [(3 * DAY, [_F.MAIL_DELIVERED])],
        "lost": [],
    },
    "regular-mail": {"never heard of": [], "returned": [(5 * DAY, [_F.MAIL_RETURNED])]},
}
"""What comes back on what arrived, after about so long each."""


class Deck:
    """Cards in a random order, each once before any comes again: what is rare comes too."""

    def __init__(self, dice: random.Random, cards: Sequence[Any]) -> None:
        self._dice, self._cards = dice, list(cards)
        self._left: list[Any] = []

    def draw(self) -> Any:
        """The next one."""
        if not self._left:
            self._left = self._dice.sample(self._cards, k=len(self._cards))
        return self._left.pop()


def one_in(number: int, dice: random.Random) -> Deck:
    """Draws true once in so many, however the dice fall: what must occur in a year does, in any order of its days."""
    return Deck(dice, [True, *[False] * (number - 1)])


@dataclass
class Post:
    """What is on its way back to us, by the moment at which it comes."""

    dice: random.Random
    faults: Counter[str]
    _due: list[tuple[dt.datetime, int, bytes]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)

    def put(self, at: dt.datetime, token: str, findings: Sequence[Finding]) -> None:
        """One message, and now and then the same once more, or the same said by another message."""
        raw = message(token, findings)
        for same in self.dice.choices(([raw], [raw, raw], [raw, raw + b" "]), weights=(6, 1, 1))[0]:
            self.faults["said twice"] += same != raw
            heapq.heappush(self._due, (at + self.dice.random() ** 3 * 3 * DAY, next(self._number), same))

    def come(self, now: dt.datetime) -> Iterator[bytes]:
        """What has come by now."""
        while self._due and self._due[0][0] <= now:
            yield heapq.heappop(self._due)[2]


def message(token: str, findings: Sequence[Finding]) -> bytes:
    """What `ScriptedReader` reads."""
    return json.dumps([token, *findings]).encode()


class Carrier(FakeChannel):
    """One channel's. arrived: when each reference did."""

    def __init__(self, name: str, clock: TestClock, post: Post, quick: Callable[[bytes], None]) -> None:
        """quick: takes a report in at once, before we have written that we sent anything."""
        answers: list[Answer] | None = [] if name == "fax" else None
        super().__init__(name=name, answers=answers)
        self.clock, self.post, self.quick = clock, post, quick
        self.began = clock.at
        self.arrived: list[tuple[str, dt.datetime]] = []
        self.calm = False
        self._struck, self._befalls = one_in(ONE_IN, post.dice), Deck(post.dice, FAULTS.get(name, ()))
        self._fates = Deck(post.dice, list(AFTERWARDS[name]))

    def look_up(self, reference: str) -> Answer:
        """What became of it, truly."""
        if self.has(reference):
            return HandedOver(words="we have it")
        return NotSent(reason=Reason.SMTP_CUT)

    def has(self, reference: str) -> bool:
        """Whether it arrived."""
        return any(one == reference for one, _ in self.arrived)

    async def _send(self, prepared: Prepared) -> AttemptResult:
        now, dice = self.clock.now(), self.post.dice
        day = (now - self.began) // DAY
        for outage in () if self.calm else OUTAGES:
            if outage.channel == self.name and outage.since <= day < outage.until:
                self.post.faults[f"days without {self.name}"] += 1
                return outage.answer
        if self.name in FAULTS and not self.calm and self._struck.draw():
            fault: Fault = self._befalls.draw()
            self.post.faults[fault.name] += 1
            if dice.random() < fault.arrives:
                self._arrives(prepared, now)
            if isinstance(fault.answer, BaseException):
                raise fault.answer
            return fault.answer
        self._arrives(prepared, now)
        return HANDED_OVER

    def _arrives(self, prepared: Prepared, now: dt.datetime) -> None:
        dice, token = self.post.dice, str(SendingToken.of(prepared.reference, prepared.sending))
        self.arrived.append((prepared.reference, now))
        fates = AFTERWARDS[self.name]
        fate = next(iter(fates)) if self.calm else self._fates.draw()
        self.post.faults[f"{self.name}: {fate}"] += 1
        for after, findings in fates[fate]:
            self.post.put(now + after * dice.uniform(0.2, 1.5), token, findings)
        if fates[fate] and not self.calm and dice.randrange(10) == 0:
            self.quick(message(token, fates[fate][0][1]) + b"  ")
