"""`gateway keys lookup`: certificates of a recipient in a directory of others."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.changes import Reason, told_of, view_of
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.problem import InputRefused

if TYPE_CHECKING:
    from gateway.application.recipients.key_lookup import Candidate


def lookup(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help=said("recipients.recipient"), show_default=False)],
    propose: Annotated[
        str | None, typer.Option("--propose", help=said("keys.lookup.propose"), show_default=False)
    ] = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """What the directory holds for the recipient; with `--propose`, one of them becomes a proposal."""
    session: Session = context.obj
    actor = session.actor(Permission.RECIPIENTS)
    if propose is not None:
        made = session.gateway.lookup.propose(recipient, propose, actor=actor, reason=reason)
        if as_json:
            session.print_json({"recipient": recipient} | view_of(made))
        else:
            session.print_line(told_of(session, made))
        return
    found = session.gateway.lookup.look_up(recipient)
    if as_json:
        session.print_json({"recipient": recipient, "certificates": [_view(one) for one in found]})
    for one in () if as_json else found:
        session.print_line(_told(session, one))
    if not found and not as_json:
        session.print_line(session.text("keys.lookup.none", recipient=recipient))


def _view(one: "Candidate") -> dict[str, object]:
    return one.view | {"fault": one.fault.value if one.fault else None, "pinned": one.pinned}


def _told(session: Session, one: "Candidate") -> str:
    from templates.catalogue import problem_text

    if one.fault is not None:
        stands, _ = problem_text(InputRefused(one.fault), session.language)
    else:
        stands = session.text("keys.lookup.pinned") if one.pinned else session.text("keys.lookup.fit")
    view = one.view
    until = str(view["not_after"] or "")[:10]
    return session.text(
        "keys.lookup.found", fingerprint=str(view["fingerprint"]), kind=str(view["key"]), until=until, stands=stands
    )
