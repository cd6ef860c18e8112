"""What lies in a mailbox is taken in: kept durably first, then let go of there.

Nothing is remembered of a mailbox but how it stands. Whatever lies there is kept, the same bytes count once, and only
then it is moved away. So a process that dies in between, a mailbox that numbers its messages anew (UIDVALIDITY,
RFC 9051 §2.3.1.1) and several that look at once cost a second look and nothing else.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.application.returns.receive import MOST_OCTETS, Keep
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, Problem
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.mailboxes import Mailbox, MailboxStanding, Visit

LEASE = dt.timedelta(minutes=3)
"""For how long one process looks into a mailbox before it must say so again; when it dies, another waits that long."""
REST = dt.timedelta(minutes=1)
"""After a problem, before anybody looks again: a password that is wrong must not be tried until the account locks."""
_BATCH = 100


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What one look came to. `kept`: the ids of what is new; `left`: how many are too large and lie there still;
    `refused`: how many the place does not give out."""

    kept: Sequence[str] = ()
    repeats: int = 0
    left: int = 0
    refused: int = 0
    more: bool = False
    """Whether further ones lie there, for the next look."""

    @property
    def problem(self) -> Code | None:
        """What a person must see to."""
        if self.refused:
            return Code.MAILBOX_MESSAGE
        return Code.RECEIPT_TOO_LARGE if self.left else None


class Collect:
    """Looks into one mailbox. Any number of processes may try to; one at a time does."""

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        source: str,
        keep: Keep,
        every: dt.timedelta,
        database: Database,
        clock: Clock,
    ) -> None:
        """source: by which what lies there is read. every: the longest between two looks."""
        self.mailbox = mailbox
        self._source = source
        self._keep = keep
        self._every = every
        self._database = database
        self._clock = clock
        self._holder = str(uuid.uuid4())
        self._held_until: dt.datetime | None = None
        self._doubted = set[str]()
        """What was not given out when it was last asked for, or ended the visit: read last, so that it keeps no other
        from being read. A name may be another's at the next visit, which then only waits for its turn."""

    def __call__(self, ending: Callable[[], bool], tell: Callable[[Sequence[str]], None]) -> int:
        """Looks again and again, until it is `ending`; at once 0 when another process does so already.

        tell: hears the ids of what was kept. Returns how many those were. Raises SetupWrong and ServiceDown (see
        `Mailbox`): then it rests, for all processes.
        """
        made = 0
        if not self._hold():
            return made
        try:
            with self.mailbox.visit() as visit:
                while not ending() and self._hold():
                    found = self._look(visit, ending)
                    self._stands(found.problem)
                    made += len(found.kept)
                    if found.kept:
                        tell(found.kept)
                    if not found.more:
                        visit.wait(self._every, ending)
        except Problem as problem:
            self._release(after=REST, problem=problem.code)
            raise
        self._release(after=dt.timedelta())
        return made

    def once(self) -> Collected:
        """One look, whoever else looks."""
        with self.mailbox.visit() as visit:
            found = self._look(visit, lambda: False)
            while found.more:
                next_ = self._look(visit, lambda: False)
                found = replace(next_, kept=[*found.kept, *next_.kept], repeats=found.repeats + next_.repeats)
            return found

    def _look(self, visit: Visit, ending: Callable[[], bool]) -> Collected:
        arrivals = visit.arrivals()
        self._doubted &= {one.name for one in arrivals}
        fit = sorted((one for one in arrivals if one.size <= MOST_OCTETS), key=lambda one: one.name in self._doubted)
        waiting = sum(one.name not in self._doubted for one in fit)
        kept, repeats, left, refused = [], 0, len(arrivals) - len(fit), 0
        for arrival in fit[:_BATCH]:
            if ending():
                break
            self._doubted.add(arrival.name)
            try:
                raw = visit.read(arrival, MOST_OCTETS)
            except InputRefused:
                refused += 1
                continue
            self._doubted.discard(arrival.name)
            if raw is None:
                continue
            if len(raw) > MOST_OCTETS:  # its place said less
                left += 1
                continue
            incoming = self._keep(raw, source=self._source)
            visit.let_go(arrival)
            repeats += incoming is None
            kept += [incoming.id] if incoming is not None else []
        return Collected(kept=kept, repeats=repeats, left=left, refused=refused, more=waiting > _BATCH)

    def _hold(self) -> bool:
        """Whether this process is the one that looks; asked often, written seldom."""
        now = self._clock.now()
        if self._held_until is not None and now < self._held_until - LEASE / 2:
            return True
        with self._database.read() as tx:
            stands = tx.mailboxes.get(self.mailbox.name)
        if stands is not None and stands.holder != self._holder and now < stands.held_until:
            self._held_until = None
            return False
        with self._database.write() as tx:
            held = tx.mailboxes.hold(self.mailbox.name, holder=self._holder, now=now, until=now + LEASE)
        self._held_until = now + LEASE if held else None
        return held

    def _stands(self, problem: Code | None) -> None:
        """How the last look went; written when that changed, and now and then."""
        now = self._clock.now()
        with self._database.read() as tx:
            before = tx.mailboxes.get(self.mailbox.name)
        if before is None or before.holder != self._holder:
            return
        if before.problem is problem and before.looked_at is not None and now < before.looked_at + REST:
            return
        with self._database.write() as tx:
            tx.mailboxes.save(_with(before, problem, now))

    def _release(self, *, after: dt.timedelta, problem: Code | None = None) -> None:
        """Lets others look, after that long."""
        now = self._clock.now()
        self._held_until = None
        with self._database.write() as tx:
            stands = tx.mailboxes.get(self.mailbox.name)
            if stands is not None and stands.holder == self._holder:
                after_it = stands if problem is None else _with(stands, problem, now)
                tx.mailboxes.save(replace(after_it, holder="", held_until=now + after))


def _with(before: MailboxStanding, problem: Code | None, now: dt.datetime) -> MailboxStanding:
    since = before.since if before.problem is problem else now
    return replace(before, looked_at=now, problem=problem, since=since if problem is not None else None)
