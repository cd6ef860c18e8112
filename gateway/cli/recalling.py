"""`gateway recall`: a misdirected or wrongly issued package is contained, and it is told what is left to do."""

from typing import Annotated

import typer

from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "recall", recall)


def recall(
    context: typer.Context,
    dispatch: Annotated[str, typer.Argument(help=said("status.dispatch"), show_default=False)],
    reason: Annotated[str | None, typer.Option("--reason", help=said("recall.reason"), show_default=False)] = None,
    called: Annotated[str | None, typer.Option("--called", help=said("recall.called"), show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Recalls a dispatch; without a reason, the report of a recall that was made. Or: somebody was called."""
    from gateway.cli.recall_table import show_recall

    session: Session = context.obj
    recalls = session.gateway.recalls
    if called is not None:
        actor = session.actor(Permission.RECALL)
        recalls.called(dispatch, called, actor=actor, answer=reason or "")
    elif reason is not None:
        recalls.recall(dispatch, actor=session.actor(Permission.RECALL), reason=reason)
    report = recalls.report(dispatch, viewer=None)
    if as_json:
        session.print_json(report)
    else:
        show_recall(session, report)
