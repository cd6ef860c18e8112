"""`gateway callbacks add|list|remove|replay`: which systems are told of changes, and what they are told again."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.calls import Subject
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

if TYPE_CHECKING:
    from gateway.application.telling.endpoints import EndpointStanding


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("callbacks")
    add(commands, "add", add_, "callbacks.add")
    add(commands, "list", list_, "callbacks.list")
    add(commands, "remove", remove, "callbacks.remove")
    add(commands, "replay", replay, "callbacks.replay")
    app.add_typer(commands, name="callbacks")


_Endpoint = Annotated[str, typer.Argument(help=said("callbacks.endpoint"), show_default=False)]


def add_(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help=said("callbacks.url"), show_default=False)],
    submitter: Annotated[str, typer.Option("--submitter", help=said("callbacks.submitter"), show_default=False)] = "",
    subject: Annotated[Subject, typer.Option("--subject", help=said("callbacks.subject"))] = Subject.DELIVERIES,
    as_json: Json = False,
) -> None:
    """Adds an endpoint and shows its secret, this once."""
    session: Session = context.obj
    made = session.gateway.telling.endpoints.add(url, subject, submitter, actor=session.actor(Permission.TOKENS))
    if as_json:
        session.print_json({"endpoint": made.endpoint.id, "secret": made.secret})
        return
    session.note(session.text("callbacks.once", endpoint=made.endpoint.id))
    session.print_line(made.secret)


def list_(context: typer.Context, as_json: Json = False) -> None:
    """Every endpoint, and how it stands."""
    from gateway.cli.callback_table import endpoint_table
    from gateway.cli.tables import show_list

    session: Session = context.obj
    rows = [_view(one) for one in session.gateway.telling.endpoints.all()]
    if as_json:
        session.print_json({"endpoints": rows})
    else:
        show_list(session, endpoint_table(session, rows), empty=session.text("empty.callbacks"))


def remove(context: typer.Context, endpoint: _Endpoint, as_json: Json = False) -> None:
    """An endpoint is called no more."""
    session: Session = context.obj
    session.gateway.telling.endpoints.remove(endpoint, actor=session.actor(Permission.TOKENS))
    if as_json:
        session.print_json({"endpoint": endpoint, "removed": True})
    else:
        session.print_line(session.text("callbacks.removed", endpoint=endpoint))


def replay(
    context: typer.Context,
    endpoint: _Endpoint,
    since: Annotated[str | None, typer.Option("--since", help=said("callbacks.since"), show_default=False)] = None,
    call: Annotated[str | None, typer.Option("--from", help=said("callbacks.from"), show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Ends a suspension, and tells again."""
    session: Session = context.obj
    actor = session.actor(Permission.TOKENS)
    replayed = session.gateway.telling.endpoints.replay
    count = replayed(endpoint, since=_moment(since), call=call, actor=actor)
    if as_json:
        session.print_json({"endpoint": endpoint, "calls": count})
    else:
        session.print_line(session.text("callbacks.replayed", endpoint=endpoint, count=count))


def _moment(text: str | None) -> dt.datetime | None:
    """Raises InputRefused (request.invalid) for what is no moment with its offset."""
    if text is None:
        return None
    try:
        since = dt.datetime.fromisoformat(text)
    except ValueError:
        since = None
    if since is None or since.tzinfo is None:
        raise InputRefused(Code.REQUEST_INVALID, where="--since", expected="2026-09-26T00:00:00-04:00")
    return since


def _view(standing: "EndpointStanding") -> dict[str, object]:
    endpoint, untold = standing.endpoint, standing.untold
    return {
        "endpoint": endpoint.id,
        "url": endpoint.url,
        "subject": endpoint.subject.value,
        "submitter": endpoint.submitter or None,
        "added_at": endpoint.added_at.isoformat(),
        "added_by": endpoint.added_by,
        "untold": untold.count if untold else 0,
        "untold_since": untold.since.isoformat() if untold else None,
        "failing_since": endpoint.failing_since.isoformat() if endpoint.failing_since else None,
        "fault": endpoint.fault.value if endpoint.fault else None,
        "suspended_at": endpoint.suspended_at.isoformat() if endpoint.suspended_at else None,
    }
