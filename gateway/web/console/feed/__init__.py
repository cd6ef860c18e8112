"""The outcome feed: the reconciliation as a page and as CSV, batches without an answer, and what is work for staff."""

import csv
import io
from collections.abc import Callable, Sequence

from fastapi import Response

from gateway.application.feed.standing import FeedStanding, ReportRow, as_rows
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.feed import REPORT_FIGURES, Batch, Transaction
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Problem
from gateway.web.console.door import Door
from gateway.web.console.visit import Fields, Visit
from gateway.web.console.words import Words
from gateway.web.safety import guard
from templates.catalogue import text

_MOST_WORK = 40
"""On one page: what is dealt with makes room for the next."""
_DONE = {EventName.FEED_REPEATED: "again", EventName.FEED_GIVEN_UP: "given-up"}


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/feed", shown)
    door.shows("/feed/report.csv", table)
    door.does("/feed/{transaction}/again", again, needs=Permission.RESOLVE)
    door.does("/feed/{transaction}/give-up", give_up, needs=Permission.RESOLVE)


def shown(at: Visit) -> Response:
    """The page; of a home without a feed one that says so."""
    done = at.request.query_params.get("done", "")
    return _page(at, done=at.words.text(f"feed.done-{done}") if done in _DONE.values() else "")


def table(at: Visit) -> Response:
    """The reconciliation as the page shows it, in the form of the morning's file, with when it was counted."""
    (report, counted_at), written = _standing(at).report_lately(viewer=at.actor), io.StringIO()
    moment = counted_at.astimezone(at.words.zone)
    rows = [one | {"counted_at": moment.isoformat(timespec="seconds")} for one in as_rows(report)]
    writer = csv.DictWriter(written, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    headers = {"Content-Disposition": f'attachment; filename="feed-{moment.date().isoformat()}.csv"'}
    return guard(Response(written.getvalue(), headers=headers, media_type="text/csv"), secure=at.console.secure)


def again(at: Visit, fields: Fields) -> Response:
    """What was rejected, or a person was to say of, is told under a new number."""
    return _done(at, fields, _standing(at).again, EventName.FEED_REPEATED)


def give_up(at: Visit, fields: Fields) -> Response:
    """What will never be told is open no more."""
    return _done(at, fields, _standing(at).give_up, EventName.FEED_GIVEN_UP)


def _done(at: Visit, fields: Fields, act: Callable[..., object], name: EventName) -> Response:
    """Does it. Who clicks twice is told that it is done; who comes too late, who was quicker."""
    reason = fields.get("reason", "")
    try:
        act(_transaction(at), actor=at.actor, reason=reason)
    except InputRefused as problem:
        return _page(at, problem=problem, asked=_transaction(at), typed=reason)
    except Conflict as problem:
        last = _standing(at).last_act(_transaction(at))
        if last is None or (last.actor, last.name) != (at.actor, name):
            return _page(at, problem=problem, quicker=_told(at, last), asked=_transaction(at), typed=reason)
    return at.to("/feed", done=_DONE[name])


def _told(at: Visit, last: Event | None) -> str:
    if last is None:
        return ""
    return at.words.text(f"feed.quicker-{_DONE[last.name]}", who=last.actor, moment=at.words.moment(last.at))


def _page(
    at: Visit,
    *,
    done: str = "",
    problem: Problem | None = None,
    quicker: str = "",
    asked: str = "",
    typed: str = "",
) -> Response:
    """asked: the transaction whose form is at fault, with what was typed there."""
    words, feed = at.words, at.gateway.case_systems.feed
    if feed is None:
        return at.page("feed", report=None)
    standing, (report, counted_at) = (
        feed.standing.at_hand(viewer=at.actor),
        feed.standing.report_lately(viewer=at.actor),
    )
    return at.page(
        "feed",
        status=problem.http_status if problem else 200,
        report=_table(words, report),
        counted=words.text("figures.counted", moment=words.moment(counted_at)),
        owed=standing.owed,
        missing=standing.missing,
        batches=[_batch(words, one) for one in standing.open_batches],
        work=[_work(words, one) for one in standing.work[:_MOST_WORK]],
        more=len(standing.work) - _MOST_WORK,
        resolves=at.may(Permission.RESOLVE),
        done=done,
        wrong=quicker or (words.wrong(problem, "reason") if problem else ""),
        asked=asked,
        typed=typed,
    )


def _standing(at: Visit) -> FeedStanding:
    """Raises NoSuchThing: no feed is set up."""
    feed = at.gateway.case_systems.feed
    if feed is None:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND)
    return feed.standing


def _transaction(at: Visit) -> str:
    return str(at.request.path_params["transaction"])


def _table(words: Words, report: Sequence[ReportRow]) -> dict[str, object]:
    """A line a figure and a column a division, since the figures are many and their names long."""
    figures = [(_column(words, name), [words.number(getattr(one, name)) for one in report]) for name in REPORT_FIGURES]
    oldest = [words.moment(one.oldest) if one.oldest else "–" for one in report]
    return {
        "corner": _column(words, "division"),
        "divisions": [words.word("division.code", one.division.value) for one in report],
        "rows": [*figures, (_column(words, "oldest"), oldest)],
    }


def _column(words: Words, name: str) -> str:
    """As the morning's file calls it."""
    return text("staff", f"feed-report.column.{name.replace('_', '-')}", words.language)


def _batch(words: Words, batch: Batch) -> str:
    facts: dict[str, str | int] = {"sequence": batch.sequence, "count": batch.count}
    if batch.put_at is None:
        return words.text("feed.batch-here", **facts)
    asked = words.text("feed.asked", moment=words.moment(batch.asked_at)) if batch.asked_at else ""
    return words.text("feed.batch-sent", moment=words.moment(batch.put_at), puts=batch.puts, **facts) + asked


def _work(words: Words, one: Transaction) -> dict[str, str]:
    return {
        "id": one.id,
        "of": words.text("feed.of", person=one.person, dispatch=one.dispatch),
        "division": words.word("division.code", one.division.value),
        "state": words.word("feed-state", one.state.value),
        "code": one.code or "–",
        "since": words.moment(one.made_at),
    }
