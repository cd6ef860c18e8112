"""`gateway exchange verify|accounts|delegates|close`: who may collect what was left for them."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.changes import Reason, told_of, view_of
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import SetupWrong

if TYPE_CHECKING:
    from gateway.application.exchange.accounts import ExchangeAccounts
    from gateway.application.exchange.delegates import Named
    from gateway.bootstrap.exchange import ExchangeParts
    from gateway.domain.exchange import ExchangeAccount

Name = Annotated[str, typer.Argument(help=said("exchange.account"), show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("exchange")
    add(commands, "verify", verify, "exchange.verify")
    add(commands, "accounts", accounts, "exchange.accounts")
    add(commands, "delegates", delegates, "exchange.delegates")
    add(commands, "close", close, "exchange.close")
    app.add_typer(commands, name="exchange")


def verify(
    context: typer.Context,
    name: Name,
    language: Annotated[Language, typer.Option("--language", help=said("exchange.language"), show_default=False)],
    method: Annotated[str, typer.Option("--method", help=said("exchange.method"), show_default=False)],
    address: Annotated[str | None, typer.Option("--address", help=said("exchange.address"))] = None,
    identity: Annotated[
        str | None, typer.Option("--identity", help=said("exchange.identity"), show_default=False)
    ] = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Somebody showed who they are: opens their account, and shows the code to give them, this once."""
    session: Session = context.obj
    actor = session.actor(Permission.RECIPIENTS)
    verified = _accounts(session).verified(
        name, address=address, language=language, method=method, actor=actor, reason=reason, identity=identity
    )
    if as_json:
        session.print_json(view_of(verified.made) | {"code": verified.code})
        return
    session.note(told_of(session, verified.made))
    session.note(session.text("exchange.once"))
    session.print_line(verified.code)


def accounts(context: typer.Context, as_json: Json = False) -> None:
    """Every account, without its address and code."""
    from gateway.cli.exchange_tables import exchange_account_table
    from gateway.cli.tables import show_list

    session: Session = context.obj
    rows = [_view(account) for account in _accounts(session).all()]
    if as_json:
        session.print_json({"accounts": rows})
    else:
        show_list(session, exchange_account_table(session, rows), empty=session.text("empty.exchange"))


def delegates(context: typer.Context, as_json: Json = False) -> None:
    """Whom holders of accounts named to collect for them, and whose identity is yet to be checked."""
    from gateway.cli.exchange_tables import exchange_delegate_table
    from gateway.cli.tables import show_list

    session: Session = context.obj
    session.actor(Permission.RECIPIENTS)
    rows = [_delegate_view(one) for one in _parts(session).delegates.all()]
    if as_json:
        session.print_json({"delegates": rows})
    else:
        show_list(session, exchange_delegate_table(session, rows), empty=session.text("empty.delegates"))


def close(
    context: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help=said("option.reason"))],
    as_json: Json = False,
) -> None:
    """Nobody signs in, or is left anything, under the account any more."""
    session: Session = context.obj
    _accounts(session).close(name, actor=session.actor(Permission.RECIPIENTS), reason=reason)
    if as_json:
        session.print_json({"account": name, "closed": True})
    else:
        session.print_line(session.text("exchange.closed", name=name))


def _parts(session: Session) -> "ExchangeParts":
    """Raises SetupWrong (exchange.not-set-up)."""
    exchange = session.gateway.exchange
    if exchange is None:
        raise SetupWrong(Code.EXCHANGE_NOT_SET_UP)
    return exchange


def _accounts(session: Session) -> "ExchangeAccounts":
    return _parts(session).accounts


def _delegate_view(named: "Named") -> dict[str, object]:
    return {
        "delegate": named.delegate.name,
        "account": named.delegate.account,
        "name": named.person.name,
        "address": named.person.address,
        "named_at": named.delegate.named_at.isoformat(),
        "checked": named.checked,
    }


def _view(account: "ExchangeAccount") -> dict[str, object]:
    return {
        "account": account.name,
        "acts_for": account.acts_for,
        "language": account.language.value,
        "verified_at": account.verified_at.isoformat(),
        "verified_by": account.verified_by,
        "method": account.method,
        "identity": account.identity,
        "locked_until": account.locked_until.isoformat() if account.locked_until else None,
        "closed_at": account.closed_at.isoformat() if account.closed_at else None,
    }
