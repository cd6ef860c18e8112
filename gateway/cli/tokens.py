"""`gateway tokens create|list|revoke`: who may call the API."""

from typing import Annotated

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.ports.registry import Scope, Token


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("tokens")
    add(commands, "create", create, "tokens.create")
    add(commands, "list", list_, "tokens.list")
    add(commands, "revoke", revoke, "tokens.revoke")
    app.add_typer(commands, name="tokens")


def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=said("tokens.name"), show_default=False)],
    scope: Annotated[list[Scope], typer.Option("--scope", help=said("tokens.scope"))],
    as_json: Json = False,
) -> None:
    """Makes a token and shows its secret, this once."""
    session: Session = context.obj
    made = session.gateway.tokens.create(name, frozenset(scope), actor=session.actor(Permission.TOKENS))
    if as_json:
        session.print_json(_view(made.token) | {"secret": made.secret})
        return
    session.note(session.text("tokens.once"))
    session.print_line(made.secret)


def list_(context: typer.Context, as_json: Json = False) -> None:
    """Every token, without its secret."""
    from gateway.cli.tables import show_list, token_table

    session: Session = context.obj
    rows = [_view(token) for token in session.gateway.tokens.all()]
    if as_json:
        session.print_json({"tokens": rows})
    else:
        show_list(session, token_table(session, rows), empty=session.text("empty.tokens"))


def revoke(
    context: typer.Context,
    token: Annotated[str, typer.Argument(help=said("tokens.token"), show_default=False)],
    as_json: Json = False,
) -> None:
    """A token is worth nothing from now on."""
    session: Session = context.obj
    session.gateway.tokens.revoke(token, actor=session.actor(Permission.TOKENS))
    if as_json:
        session.print_json({"token": token, "revoked": True})
    else:
        session.print_line(session.text("tokens.revoked", token=token))


def _view(token: Token) -> dict[str, object]:
    return {
        "token": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "created_at": token.created_at.isoformat(),
        "created_by": token.created_by,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
    }
