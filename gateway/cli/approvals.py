"""`gateway approvals list|show|approve|refuse`: what waits for a second person."""

from typing import Annotated

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.proposals import Proposal

Id = Annotated[str, typer.Argument(help=said("approvals.proposal"), show_default=False)]
Why = Annotated[str, typer.Option("--reason", help=said("option.reason"))]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("approvals")
    add(commands, "list", list_, "approvals.list")
    add(commands, "show", show, "approvals.show")
    add(commands, "approve", approve, "approvals.approve")
    add(commands, "refuse", refuse, "approvals.refuse")
    app.add_typer(commands, name="approvals")


def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help=said("approvals.all"))] = False,
    as_json: Json = False,
) -> None:
    """What waits."""
    from gateway.cli.tables import proposal_table, show_list

    session: Session = context.obj
    rows = [_view(one) for one in session.gateway.approvals.all(open_only=not everything)]
    if as_json:
        session.print_json({"approvals": rows})
    else:
        show_list(session, proposal_table(session, rows), empty=session.text("empty.approvals"))


def show(context: typer.Context, proposal: Id, as_json: Json = False) -> None:
    """One proposal: what stands and what shall stand."""
    from gateway.application.recipients.proposal_views import differences
    from gateway.cli.tables import difference_table, proposal_table
    from gateway.cli.tables import show as show_table

    session: Session = context.obj
    found, standing, content, reason = session.gateway.approvals.look(proposal)
    changes = differences(standing, content, session.gateway.keyring.certificate)
    if as_json:
        session.print_json(_view(found) | {"reason": reason, "changes": changes})
        return
    show_table(proposal_table(session, [_view(found)]))
    session.print_line("\n" + session.text("approvals.reason", reason=reason) + "\n")
    show_table(difference_table(session, changes))


def approve(context: typer.Context, proposal: Id, reason: Why, as_json: Json = False) -> None:
    """The change is made."""
    session: Session = context.obj
    decided = session.gateway.approvals.approve(proposal, actor=session.actor(Permission.APPROVE), reason=reason)
    _tell(session, decided, as_json=as_json)


def refuse(context: typer.Context, proposal: Id, reason: Why, as_json: Json = False) -> None:
    """The change is not made."""
    session: Session = context.obj
    decided = session.gateway.approvals.refuse(proposal, actor=session.actor(Permission.APPROVE), reason=reason)
    _tell(session, decided, as_json=as_json)


def _tell(session: Session, decided: Proposal, *, as_json: bool) -> None:
    if as_json:
        session.print_json(_view(decided))
    else:
        state = session.word("proposal-state", decided.state)
        session.print_line(session.text("approvals.decided", proposal=decided.id, state=state))


def _view(proposal: Proposal) -> dict[str, object]:
    return {
        "proposal": proposal.id,
        "kind": proposal.kind.value,
        "subject": proposal.subject,
        "state": proposal.state.value,
        "cautions": [caution.value for caution in proposal.cautions],
        "proposed_at": proposal.proposed_at.isoformat(),
        "proposed_by": proposal.proposed_by,
        "seconded_by": proposal.seconded_by,
        "decided_at": proposal.decided_at.isoformat() if proposal.decided_at else None,
        "decided_by": proposal.decided_by,
    }
