"""How the work goes: what was due and went in time, the ways it went, and what does not answer."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from gateway.application.counting import EVERY, LONGEST
from gateway.domain.accounts import AccountRole
from gateway.domain.breaker import Breaker, BreakerState
from gateway.domain.delivery import Attempt, DeliveryState, ResultName
from gateway.domain.destination import Destination
from gateway.domain.parties import ChannelName
from tests.web.console.house import House, Person, engines

DAY = dt.timedelta(days=1)
OFFICE = ZoneInfo("America/Toronto")


@pytest.fixture
def rita(busy: House) -> Person:
    return busy.sign_in(busy.person("rita", AccountRole.READER))


def went(busy: House, name: str, channel: ChannelName, *, late: bool = False) -> None:
    """One more delivery that was due yesterday, and went."""
    first, at = busy.delivery(), busy.clock.at if late else busy.clock.at - 2 * DAY
    due = (busy.clock.at - DAY).astimezone(OFFICE).date()
    gone = replace(
        first, id=name, state=DeliveryState.HANDED_OVER, reason=None, plan=(channel.value,), position=0, due=due
    )
    attempt = Attempt(
        id=f"try-{name}",
        delivery=name,
        number=1,
        channel=channel.value,
        fence=gone.fence,
        reference=f"<{name}@gw.test>",
        claimed_at=at,
        started_at=at,
    )
    with busy.gateway.database.write() as tx:
        tx.deliveries.add(gone)
        tx.deliveries.add_attempt(attempt)
        tx.deliveries.end_attempt(replace(attempt, finished_at=at, result=ResultName.HANDED_OVER))


def test_the_shares_stand_in_a_chart_with_a_table_beside_it(busy: House, rita: Person) -> None:
    for number in range(3):
        went(busy, f"mail-{number}", ChannelName.ENCRYPTED_EMAIL)
    went(busy, "paper", ChannelName.COURIER, late=True)
    busy.gateway.console.figures.counting.count_now()
    page = busy.get(rita, "/en/figures").text
    assert page.count('role="img"') == 5
    assert "75% went without paper" in page
    assert '<td data-of="Sent in time">3</td><td data-of="Of">4</td><td data-of="Share">75%</td>' in page
    french = busy.get(rita, "/fr/figures").text
    assert "75\u00a0% sont parties sans papier" in french


def test_they_are_counted_by_the_maintenance_for_each_set_of_offices_and_by_who_asks_where_nobody_does(
    busy: House, rita: Person
) -> None:
    figures, place = busy.gateway.console.figures, "/en/figures"
    with busy.gateway.database.write() as tx:
        account = tx.accounts.get("rita")
        assert account is not None
        tx.accounts.put(replace(account, offices=frozenset({"montreal"})))
    went(busy, "mail", ChannelName.ENCRYPTED_EMAIL)
    busy.clock.at += EVERY
    assert [figures.counting.run_if_due() for _ in range(2)] == [True, False]
    (all_of_them, at), (theirs, theirs_at) = (figures.counting(viewer=one) for one in ("somebody", "rita"))
    assert (sum(one.count for one in all_of_them.week), theirs.week) == (1, ())
    assert at == theirs_at == busy.clock.at
    asked = list[str]()
    for engine in engines(busy):
        sa.event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    busy.clock.at += EVERY
    assert "Nothing was due in these days." in busy.get(rita, place).text
    assert not [one for one in asked if "each_due" in one or "in_time" in one], "counted while somebody waited"
    with busy.gateway.database.write() as tx:
        tx.accounts.put(account)
    busy.clock.at += LONGEST - EVERY
    went(busy, "more", ChannelName.ENCRYPTED_EMAIL)
    counted, _ = figures.counting(viewer="rita")
    assert sum(one.count for one in counted.week) == 2, "nobody did the maintenance for an hour"


def test_nothing_due_is_said_and_what_does_not_answer_stands_with_its_time(busy: House, rita: Person) -> None:
    since = busy.clock.at - DAY
    assert "was spoken to yet" in busy.get(rita, "/en/figures").text
    silent = Destination(name="mail.gw.test:25", breaker=Breaker(state=BreakerState.OPEN, failures=5, since=since))
    with busy.gateway.database.write() as tx:
        tx.destinations.get(silent.name, lock=True)
        tx.destinations.save(silent)
    page = busy.get(rita, "/en/figures").text
    assert "Nothing was due in these days." in page
    assert "Nothing was late at the end of any of these days." in page, "in place of a chart without a bar"
    assert "mail.gw.test:25 has not answered since" in page
    assert "No other system of a carrier or a recipient answers." in page
