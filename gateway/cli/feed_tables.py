"""How the outcome feed stands, printed."""

from typing import TYPE_CHECKING

from gateway.cli.session import Session

if TYPE_CHECKING:
    from gateway.application.feed.standing import Standing


def standing_view(standing: "Standing") -> dict[str, object]:
    """As JSON: numbers, states, ids and times alone."""
    return {
        "owed": standing.owed,
        "missing": standing.missing,
        "transactions": [
            {
                "division": one.division.value,
                "state": one.state.value,
                "count": one.count,
                "oldest": one.oldest.isoformat(),
            }
            for one in standing.figures
        ],
        "open_batches": [
            {
                "batch": one.id,
                "sequence": one.sequence,
                "count": one.count,
                "put_at": one.put_at.isoformat() if one.put_at else None,
                "puts": one.puts,
                "asked_at": one.asked_at.isoformat() if one.asked_at else None,
            }
            for one in standing.open_batches
        ],
        "work": [
            {
                "transaction": one.id,
                "dispatch": one.dispatch,
                "person": one.person,
                "state": one.state.value,
                "code": one.code,
            }
            for one in standing.work
        ],
    }


def print_standing(session: Session, standing: "Standing") -> None:
    """For a person, line by line."""
    if not standing.figures and not standing.owed:
        session.print_line(session.text("feed.nothing"))
        return
    for one in standing.figures:
        state = session.word("feed-state", one.state)
        division = session.word("division.code", one.division)
        facts: dict[str, str | int] = {"division": division, "state": state, "count": session.number(one.count)}
        session.print_line(session.text("feed.figure", oldest=one.oldest.isoformat(timespec="minutes"), **facts))
    if standing.owed:
        session.print_line(session.text("feed.owed", count=standing.owed))
    for batch in standing.open_batches:
        put = batch.put_at.isoformat(timespec="minutes") if batch.put_at else "–"
        facts = {"sequence": batch.sequence, "count": batch.count, "put": put, "puts": batch.puts}
        session.print_line(session.text("feed.batch", **facts))
    if standing.missing:
        session.print_line(session.text("feed.missing", count=standing.missing))
    for work in standing.work:
        state = session.word("feed-state", work.state)
        facts = {"transaction": work.id, "dispatch": work.dispatch, "person": work.person, "state": state}
        session.print_line(session.text("feed.work", code=work.code or "–", **facts))
    if standing.work:
        session.print_line(session.text("feed.ends"))
