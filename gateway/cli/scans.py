"""`gateway scans check|import|list`: what the mail room's scanner and carriers' machines read."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("scans")
    add(commands, "check", check, "scans.check")
    add(commands, "import", import_, "scans.import")
    add(commands, "list", list_, "scans.list")
    app.add_typer(commands, name="scans")


def check(
    context: typer.Context,
    sheet: Annotated[str, typer.Argument(help=said("scans.sheet"), show_default=False)],
    label: Annotated[str, typer.Argument(help=said("scans.label"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Whether a first sheet and a label belong together."""
    session: Session = context.obj
    item = session.gateway.mail_room.check(sheet, label, actor=session.actor(Permission.RESOLVE))
    if as_json:
        session.print_json(
            {"manifest": item.manifest, "place": item.place, "piece": item.piece, "delivery": item.delivery}
        )
    else:
        session.print_line(session.text("scans.together", manifest=item.manifest or "", place=item.place or 0))


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=said("scans.file"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Takes in a file of scans."""
    from gateway.application.mail_room.scan_views import imported_view
    from gateway.cli.files import read_file
    from gateway.cli.manifest_tables import scan_table
    from gateway.cli.progress import progress
    from gateway.cli.tables import show

    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE)
    with progress(session.text("scans.importing"), None) as seen:
        done = session.gateway.mail_room.scans(read_file(file), actor=actor, seen=seen)
    view = imported_view(done)
    if as_json:
        session.print_json(view)
        return
    session.print_line(session.text("scans.imported", count=done.new.total(), repeats=session.number(done.repeats)))
    for meaning, count in sorted(done.new.items()):
        session.print_line(f"  {session.word('scan-meaning', meaning)}: {session.number(count)}")
    if done.faulty:
        session.note(session.text("scans.faulty", count=len(done.faulty), receipt=done.receipt))
        show(scan_table(session, view["faulty"]))


def list_(
    context: typer.Context,
    faulty: Annotated[bool, typer.Option("--faulty", help=said("scans.only-faulty"))] = False,
    delivery: Annotated[str | None, typer.Option("--delivery", help=said("receipts.delivery"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=said("option.limit"))] = 50,
    as_json: Json = False,
) -> None:
    """Scans, the newest first."""
    from gateway.application.mail_room.scan_views import scan_view
    from gateway.cli.manifest_tables import scan_table
    from gateway.cli.tables import show_list

    session: Session = context.obj
    session.actor(None)
    with session.gateway.database.read() as tx:
        found = tx.scans.faulty(limit=limit) if faulty else tx.scans.find(limit=limit, delivery=delivery)
    rows = [scan_view(one) for one in found]
    if as_json:
        session.print_json({"scans": rows})
    else:
        show_list(session, scan_table(session, rows), empty=session.text("empty.scans"))
