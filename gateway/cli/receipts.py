"""`gateway receipts ingest|poll|list|show|page|match|confirm|take-back|close`: what came back, and what people do about
it."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.files import read_file
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.ports.incoming import Handling, Incoming


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("receipts")
    add(commands, "ingest", ingest, "receipts.ingest")
    add(commands, "poll", poll, "receipts.poll")
    add(commands, "list", list_, "receipts.list")
    add(commands, "show", show, "receipts.show")
    add(commands, "page", page, "receipts.page")
    add(commands, "match", match, "receipts.match")
    add(commands, "confirm", confirm, "receipts.confirm")
    add(commands, "take-back", take_back, "receipts.take-back")
    add(commands, "close", close, "receipts.close")
    app.add_typer(commands, name="receipts")


def ingest(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help=said("receipts.file"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Keeps raw messages; they are read by the next worker."""
    from gateway.ports.incoming import BY_MAIL

    session: Session = context.obj
    kept = [(file, session.gateway.receive.keep(read_file(file), source=BY_MAIL)) for file in files]
    if as_json:
        session.print_json({"receipts": [{"file": str(file), **_kept(incoming)} for file, incoming in kept]})
        return
    for file, incoming in kept:
        if incoming is None:
            session.print_line(session.text("receipts.repeat", file=file.name))
        else:
            session.print_line(session.text("receipts.kept", file=file.name, receipt=incoming.id))


def poll(context: typer.Context, as_json: Json = False) -> None:
    """Looks into each mailbox once; what is kept is read by the next worker. The print and mail vendor's accounts are
    taken in at once."""
    session: Session = context.obj
    printing = session.gateway.mail_room.printing
    looks = [(one.mailbox.name, one.once()) for one in session.gateway.collects]
    found: list[dict[str, str | int]] = [
        {"mailbox": name, "kept": len(look.kept), "repeats": look.repeats, "left": look.left} for name, look in looks
    ]
    accounted = {one.value: count for one, count in printing.answers().items()} if printing is not None else None
    if as_json:
        session.print_json({"mailboxes": found} | ({"print_vendor": accounted} if accounted is not None else {}))
        return
    for one in found:
        session.print_line(session.text("receipts.polled", **one))
    if accounted is not None:
        counts = {name: accounted.get(name, 0) for name in ("printed", "spoiled", "missing", "twice")}
        session.print_line(session.text("receipts.print-vendor", **counts))
    elif not found:
        session.print_line(session.text("receipts.no-mailbox"))


def list_(
    context: typer.Context,
    handling: Annotated[Handling | None, typer.Option("--handling", help=said("receipts.handling"))] = None,
    delivery: Annotated[str | None, typer.Option("--delivery", help=said("receipts.delivery"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=said("option.limit"))] = 50,
    as_json: Json = False,
) -> None:
    """What came back, the newest first."""
    from gateway.cli.tables import incoming_table, show_list

    session: Session = context.obj
    with session.gateway.database.read() as tx:
        rows = [_view(one) for one in tx.incoming.find(handling=handling, limit=limit, delivery=delivery)]
    if as_json:
        session.print_json({"receipts": rows})
    else:
        show_list(session, incoming_table(session, rows), empty=session.text("empty.receipts"))


def show(
    context: typer.Context,
    receipt: Annotated[str, typer.Argument(help=said("receipts.receipt"), show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help=said("receipts.output"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Writes one raw message to a file, as it came."""
    from gateway.cli.files import write_file

    session: Session = context.obj
    incoming, raw = session.gateway.receive.read.raw(receipt)
    write_file(output, raw)
    if as_json:
        session.print_json(_view(incoming))
    else:
        session.print_line(session.text("receipts.written", file=output.name, size=session.number(incoming.size)))


def page(
    context: typer.Context,
    receipt: Annotated[str, typer.Argument(help=said("receipts.receipt"), show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help=said("receipts.page-output"), show_default=False)],
    number: Annotated[int, typer.Option("--page", min=1, max=4000, help=said("receipts.page-number"))] = 1,
    as_json: Json = False,
) -> None:
    """Draws a page that came back, so that nobody opens what a stranger sent."""
    from gateway.cli.files import write_file

    session: Session = context.obj
    drawn = session.gateway.receive.draw(receipt, number)
    write_file(output, drawn.png)
    if as_json:
        session.print_json({"receipt": receipt, "page": number, "more": drawn.more})
    else:
        session.print_line(session.text("receipts.drawn", file=output.name, page=number))
        if drawn.more:
            session.note(session.text("receipts.more-pages", page=number + 1))


def match(
    context: typer.Context,
    receipt: Annotated[str, typer.Argument(help=said("receipts.receipt"), show_default=False)],
    delivery: Annotated[str, typer.Argument(help=said("receipts.match-delivery"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("resolve.reason"))],
    as_json: Json = False,
) -> None:
    """A person says whose page it is."""
    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE)
    after = session.gateway.receive.match(receipt, delivery, actor=actor, reason=reason)
    if as_json:
        session.print_json(_view(after))
    else:
        session.print_line(session.text("receipts.matched", receipt=after.id, delivery=after.delivery or ""))


def confirm(
    context: typer.Context,
    receipt: Annotated[str, typer.Argument(help=said("receipts.receipt"), show_default=False)],
    at: Annotated[str, typer.Option("--at", help=said("receipts.confirm-at"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("receipts.confirm-reason"))],
    as_json: Json = False,
) -> None:
    """A person says that a page is signed."""
    from gateway.cli.moments import moment

    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE)
    after = session.gateway.receive.confirm(receipt, moment(at), actor=actor, reason=reason)
    if as_json:
        session.print_json({"receipt": receipt, "delivery": after.id, "state": after.state.value})
    else:
        state = session.word("delivery-state", after.state)
        session.print_line(session.text("receipts.confirmed", delivery=after.id, state=state))


def take_back(
    context: typer.Context,
    receipt: Annotated[str, typer.Argument(help=said("receipts.receipt"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("resolve.reason"))],
    as_json: Json = False,
) -> None:
    """A page was matched or confirmed by mistake."""
    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE)
    page, delivery = session.gateway.receive.take_back(receipt, actor=actor, reason=reason)
    if as_json:
        session.print_json({"receipt": page.id, "delivery": delivery.id, "state": delivery.state.value})
    else:
        state = session.word("delivery-state", delivery.state)
        session.print_line(session.text("receipts.taken-back", delivery=delivery.id, state=state))


def close(
    context: typer.Context,
    receipt: Annotated[str, typer.Argument(help=said("receipts.receipt"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("resolve.reason"))],
    as_json: Json = False,
) -> None:
    """A person dealt with it."""
    session: Session = context.obj
    after = session.gateway.receive.close(receipt, actor=session.actor(Permission.RESOLVE), reason=reason)
    if as_json:
        session.print_json(_view(after))
    else:
        session.print_line(session.text("receipts.closed", receipt=after.id))


def _kept(incoming: Incoming | None) -> dict[str, object]:
    return {"receipt": incoming.id if incoming else None, "repeat": incoming is None}


def _view(incoming: Incoming) -> dict[str, object]:
    return {
        "receipt": incoming.id,
        "source": incoming.source,
        "received_at": incoming.received_at.isoformat(),
        "handling": incoming.handling.value,
        "finding": incoming.finding.value if incoming.finding else None,
        "delivery": incoming.delivery,
        "evidence": incoming.digest,
        "size": incoming.size,
    }
