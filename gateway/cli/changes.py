"""How commands tell what became of a change: made, or waiting for a second person."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.session import Session
from gateway.cli.texts import said

if TYPE_CHECKING:
    from gateway.application.people.approvals import Made

Reason = Annotated[str | None, typer.Option("--reason", help=said("option.reason"), show_default=False)]
"""Needed as soon as the change is a proposal."""


def view_of(made: "Made") -> dict[str, object]:
    """A change as JSON."""
    return {
        "subject": made.change.subject,
        "outcome": made.outcome.value,
        "proposal": made.proposal,
        "cautions": [caution.value for caution in made.change.cautions],
    }


def told_of(session: Session, made: "Made") -> str:
    """A change in one line, with what to look at twice below."""
    from gateway.application.people.approvals import Outcome

    told = session.text(f"changes.{made.outcome}", subject=made.change.subject, proposal=made.proposal or "")
    if made.outcome is Outcome.UNCHANGED:
        return told
    return told + "".join(f"\n  {session.word('caution', one)}" for one in made.change.cautions)


def tell(session: Session, made: "Made", *, as_json: bool) -> None:
    """What became of a change, as the whole answer of a command."""
    if as_json:
        session.print_json(view_of(made))
    else:
        session.print_line(told_of(session, made))
