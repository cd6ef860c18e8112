"""What people were told of their sign-in goes in its time (`sign_in.toml`); that it happened stays among the events."""

import datetime as dt

from gateway.application.people.account_rules import news_rules
from gateway.application.rounds import Round
from gateway.ports.clock import Clock
from gateway.ports.database import Database

_WHAT = "sign-in-news"
_EVERY = dt.timedelta(days=1)


class ForgetNews:
    """Safe to run anywhere, any number of times."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._round = Round(database, _WHAT, every=_EVERY)
        self._clock = clock

    def run_if_due(self) -> None:
        """Removes what was read, or waited unread, for long enough; once a day."""
        now, rules = self._clock.now(), news_rules()
        if not self._round.may_begin(now):
            return
        with self._database.write() as tx:
            if tx.watch.begin(_WHAT, now=now, every=_EVERY):
                tx.console.forget_news(read=now - rules.read_kept, told=now - rules.unread_kept)
