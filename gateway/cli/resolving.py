"""`gateway resolve` and `gateway retry`: what a person does with a delivery, or with a stuck dispatch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.files import read_file
from gateway.cli.moments import moment
from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.acts import Action

if TYPE_CHECKING:
    from gateway.application.acts.acting import Acted


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    add(app, "resolve", resolve)
    add(app, "retry", retry)


def resolve(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(help=said("resolve.delivery"), show_default=False)],
    action: Annotated[Action, typer.Argument(help=said("resolve.action"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("resolve.reason"))],
    channel: Annotated[str | None, typer.Option("--channel", help=said("resolve.channel"), show_default=False)] = None,
    override: Annotated[bool, typer.Option("--override", help=said("resolve.override"))] = False,
    recipient: Annotated[
        str | None, typer.Option("--recipient", help=said("resolve.recipient"), show_default=False)
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help=said("resolve.at"), show_default=False)] = None,
    place: Annotated[str | None, typer.Option("--place", help=said("resolve.place"), show_default=False)] = None,
    handed_to: Annotated[
        str | None, typer.Option("--handed-to", help=said("resolve.handed-to"), show_default=False)
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help=said("resolve.file"), show_default=False)] = None,
    conversation: Annotated[
        str | None, typer.Option("--conversation", help=said("resolve.conversation"), show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """A person settles an open end."""
    from gateway.application.acts.acting import AskedAct

    session: Session = context.obj
    content = read_file(file) if file else None
    another = action in {Action.CORRECT_ADDRESS, Action.REPLACE_RECIPIENT, Action.RE_SERVE}
    asked = AskedAct(
        action=action,
        reason=reason,
        channel=session.gateway.known_channel(channel, where="--channel") if channel else None,
        override=override or None,
        recipient=recipient,
        contact=content if another else None,
        at=moment(at) if at is not None else None,
        place=place,
        handed_to=handed_to,
        proof=None if another else content,
        conversation=conversation,
    )
    _say(session, session.gateway.act(delivery, asked, actor=session.actor(Permission.RESOLVE)), as_json=as_json)


def _say(session: Session, acted: "Acted", *, as_json: bool) -> None:
    from gateway.application.acts.acting import acted_view

    after = acted.delivery
    if as_json:
        session.print_json(acted_view(acted))
    elif acted.proposal is not None:
        session.print_line(session.text("resolve.proposed", delivery=after.id, proposal=acted.proposal))
    else:
        state = session.word("delivery-state", after.state)
        session.print_line(session.text("resolve.done", delivery=after.id, state=state))


def retry(
    context: typer.Context,
    dispatch: Annotated[str, typer.Argument(help=said("status.dispatch"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("resolve.reason"))],
    as_json: Json = False,
) -> None:
    """A person sets a stuck dispatch going again."""
    session: Session = context.obj
    after = session.gateway.resolve.retry(dispatch, actor=session.actor(Permission.RESOLVE), reason=reason)
    if as_json:
        session.print_json({"dispatch": after.id, "step": after.step.value})
    else:
        session.print_line(session.text("retry.done", dispatch=after.id))
