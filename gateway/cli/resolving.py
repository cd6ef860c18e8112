"""`gateway resolve` and `gateway retry`: what a person does with a delivery, or with a stuck dispatch."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.files import read_file
from gateway.cli.moments import moment
from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.acts import Action
from gateway.domain.parties import ChannelName


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    add(app, "resolve", resolve)
    add(app, "retry", retry)


def resolve(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(help=said("resolve.delivery"), show_default=False)],
    action: Annotated[Action, typer.Argument(help=said("resolve.action"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("resolve.reason"))],
    channel: Annotated[
        ChannelName | None, typer.Option("--channel", help=said("resolve.channel"), show_default=False)
    ] = None,
    override: Annotated[bool, typer.Option("--override", help=said("resolve.override"))] = False,
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
    from gateway.application.acting import AskedAct, acted_view

    session: Session = context.obj
    asked = AskedAct(
        action=action,
        reason=reason,
        channel=channel.value if channel else None,
        override=override or None,
        at=moment(at) if at is not None else None,
        place=place,
        handed_to=handed_to,
        proof=read_file(file) if file else None,
        conversation=conversation,
    )
    acted = session.gateway.act(delivery, asked, actor=session.actor(Permission.RESOLVE))
    if as_json:
        session.print_json(acted_view(acted))
        return
    after = acted.delivery
    state = session.word("delivery-state", after.state)
    if acted.proposal is None:
        session.print_line(session.text("resolve.done", delivery=after.id, state=state))
    else:
        session.print_line(session.text("resolve.proposed", delivery=after.id, proposal=acted.proposal))


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
