"""`gateway users add|list|role|offices|review|disable|reset|token|link`: who works here."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.changes import Reason, tell, told_of, view_of
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Account, AccountRole, Permission
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

if TYPE_CHECKING:
    from gateway.application.people.staff import Reviewed

Name = Annotated[str, typer.Argument(help=said("users.name"), show_default=False)]
Offices = Annotated[list[str] | None, typer.Option("--office", help=said("users.office"), show_default=False)]
Roles = Annotated[list[AccountRole], typer.Option("--role", help=said("users.role.option"))]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("users")
    add(commands, "add", add_, "users.add")
    add(commands, "list", list_, "users.list")
    add(commands, "role", role, "users.role")
    add(commands, "offices", offices_, "users.offices")
    add(commands, "review", review, "users.review")
    add(commands, "disable", disable, "users.disable")
    add(commands, "reset", reset, "users.reset")
    add(commands, "token", token, "users.token")
    add(commands, "link", link, "users.link")
    app.add_typer(commands, name="users")


def add_(
    context: typer.Context,
    name: Name,
    roles: Roles,
    offices: Offices = None,
    digest: Annotated[str | None, typer.Option("--digest", help=said("users.digest"), show_default=False)] = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """A new account. Without a digest a token is made and shown: in bootstrap only, for who sees it could use it."""
    from gateway.application.people.staff import new_secret

    session: Session = context.obj
    actor = session.actor(Permission.ACCOUNTS)
    if digest is None and not session.gateway.approvals.in_bootstrap:
        raise InputRefused(Code.REQUEST_INVALID, where="--digest", expected="gateway users token")
    made_here = new_secret() if digest is None else None
    made = session.gateway.staff.add(
        name,
        frozenset(roles),
        offices=frozenset(offices or ()),
        digest=digest or (made_here.digest if made_here else ""),
        actor=actor,
        reason=reason,
    )
    if as_json:
        session.print_json(view_of(made) | {"token": made_here.secret if made_here else None})
        return
    session.note(told_of(session, made))
    if made_here:
        session.note(session.text("users.once"))
        session.print_line(made_here.secret)


def list_(context: typer.Context, as_json: Json = False) -> None:
    """Every account, without its token."""
    from gateway.cli.tables import show_list
    from gateway.cli.user_tables import user_table

    session: Session = context.obj
    rows = [_view(account) for account in session.gateway.staff.all()]
    if as_json:
        session.print_json({"users": rows})
    else:
        show_list(session, user_table(session, rows), empty=session.text("empty.users"))


def role(context: typer.Context, name: Name, roles: Roles, reason: Reason = None, as_json: Json = False) -> None:
    """Other roles for an account."""
    session: Session = context.obj
    actor = session.actor(Permission.ACCOUNTS)
    made = session.gateway.staff.change(name, roles=frozenset(roles), actor=actor, reason=reason)
    tell(session, made, as_json=as_json)


def offices_(
    context: typer.Context,
    name: Name,
    offices: Offices = None,
    every: Annotated[bool, typer.Option("--all", help=said("users.offices.all"))] = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """The offices whose matters an account sees and acts on, in place of those it has."""
    session: Session = context.obj
    if bool(offices) is every:
        raise InputRefused(Code.REQUEST_INVALID, where="--office", expected="--office | --all")
    actor = session.actor(Permission.ACCOUNTS)
    made = session.gateway.staff.change(name, offices=frozenset(offices or ()), actor=actor, reason=reason)
    tell(session, made, as_json=as_json)


def review(
    context: typer.Context,
    as_csv: Annotated[bool, typer.Option("--csv", help=said("users.review.csv"))] = False,
    as_json: Json = False,
) -> None:
    """Who has what, when it was last used, and which accounts nobody uses."""
    from gateway.cli.tables import show_list
    from gateway.cli.user_tables import review_table, write_csv

    session: Session = context.obj
    session.actor(Permission.AUDIT)
    rows = [_reviewed(one) for one in session.gateway.staff.review()]
    if as_json:
        session.print_json({"users": rows})
    elif as_csv:
        write_csv(rows)
    else:
        show_list(session, review_table(session, rows), empty=session.text("empty.users"))


def disable(
    context: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help=said("option.reason"))],
    as_json: Json = False,
) -> None:
    """An account may nothing from now on."""
    session: Session = context.obj
    account = session.gateway.staff.disable(name, actor=session.actor(Permission.ACCOUNTS), reason=reason)
    if as_json:
        session.print_json(_view(account))
    else:
        session.print_line(session.text("users.disabled", name=name))


def reset(
    context: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help=said("option.reason"))],
    as_json: Json = False,
) -> None:
    """Nothing signs an account in to the console any more."""
    session: Session = context.obj
    session.gateway.console.sign_in_ways.reset(name, actor=session.actor(Permission.ACCOUNTS), reason=reason)
    if as_json:
        session.print_json({"account": name, "reset": True})
    else:
        session.print_line(session.text("users.reset", name=name))


def token(
    context: typer.Context,
    name: Annotated[str | None, typer.Option("--of", help=said("users.token.of"), show_default=False)] = None,
    digest: Annotated[str | None, typer.Option("--digest", help=said("users.digest"), show_default=False)] = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Makes a token for oneself and shows its digest; with a digest, puts that token in place of an account's own."""
    session: Session = context.obj
    if name is None and digest is not None:
        actor = session.actor(None)
        session.gateway.staff.renew(actor, digest=digest)
        if as_json:
            session.print_json({"account": actor, "renewed": True})
        else:
            session.print_line(session.text("users.renewed", name=actor))
        return
    if name is not None and digest is not None:
        made = session.gateway.staff.change(
            name, digest=digest, actor=session.actor(Permission.ACCOUNTS), reason=reason
        )
        tell(session, made, as_json=as_json)
        return
    if name is not None:
        raise InputRefused(Code.REQUEST_INVALID, where="--digest", expected="gateway users token")
    _make(session, as_json=as_json)


def link(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """A link with which the account's person sets how they sign in to the console; it takes their token too."""
    session: Session = context.obj
    actor = session.actor(Permission.ACCOUNTS)
    console = session.gateway.console
    secret = console.set_up.link(name, actor=actor)
    address = f"{console.address}/console/{session.language.value}/set-up?link={secret}"
    if as_json:
        session.print_json({"account": name, "link": address})
        return
    session.note(session.text("users.link", name=name))
    session.print_line(address)


def _make(session: Session, *, as_json: bool) -> None:
    from gateway.application.people.staff import new_secret

    fresh = new_secret()
    if as_json:
        session.print_json({"token": fresh.secret, "digest": fresh.digest})
        return
    session.note(session.text("users.made", digest=fresh.digest))
    session.print_line(fresh.secret)


def _view(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "roles": sorted(account.roles),
        "offices": sorted(account.offices),
        "created_at": account.created_at.isoformat(),
        "created_by": account.created_by,
        "disabled_at": account.disabled_at.isoformat() if account.disabled_at else None,
    }


def _reviewed(one: "Reviewed") -> dict[str, object]:
    return _view(one.account) | {
        "used_at": one.used_at.isoformat() if one.used_at else None,
        "signs_in_by": [way.value for way in one.ways],
        "standing": one.standing.value,
    }
