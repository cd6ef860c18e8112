"""`gateway manifest close|handover|withdraw|list|show`: the mail room."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing

if TYPE_CHECKING:
    from gateway.application.mail_room.close import Closing
    from gateway.application.mail_room.taking_out import Unfit

Output = Annotated[Path | None, typer.Option("--output", "-o", help=said("manifest.output"), show_default=False)]
Number = Annotated[str, typer.Argument(metavar="MANIFEST", help=said("manifest.number"), show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("manifest")
    add(commands, "close", close, "manifest.close")
    add(commands, "handover", handover, "manifest.handover")
    add(commands, "withdraw", withdraw, "manifest.withdraw")
    add(commands, "list", list_, "manifest.list")
    add(commands, "show", show, "manifest.show")
    app.add_typer(commands, name="manifest")


def close(
    context: typer.Context,
    channel: Annotated[
        ChannelName | None, typer.Option("--channel", help=said("manifest.channel"), show_default=False)
    ] = None,
    office: Annotated[str | None, typer.Option("--office", help=said("manifest.office"), show_default=False)] = None,
    late: Annotated[bool, typer.Option("--late", help=said("manifest.late"))] = False,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="CODE", help=said("manifest.without"), show_default=False)
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help=said("manifest.reason"), show_default=False)] = "",
    anew: Annotated[bool, typer.Option("--anew", help=said("manifest.anew"))] = False,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Closes a manifest over what was gathered, one for each channel."""
    from gateway.application.mail_room.taking_out import Unfit

    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE)
    if output is not None and not output.is_dir():
        raise NoSuchThing(Code.FILE_UNWRITABLE, where=output.name)
    if without and channel is None:
        raise InputRefused(Code.REQUEST_INVALID, where="channel", expected="--channel CHANNEL --without CODE")
    unfit = Unfit(codes=tuple(without), why=reason, anew=anew) if without else None
    office = office or session.gateway.settings.gateway.office
    closings = _close(session, channel, office, actor, late=late, unfit=unfit)
    for closing in closings:
        if closing.manifest is not None and output is not None:
            _write(session, closing.manifest.number, closing.items, output)
    if as_json:
        from gateway.application.mail_room.views import closing_view

        session.print_json({"closings": [closing_view(one) for one in closings]})
        return
    for closing in closings:
        _tell(session, closing)


def _close(
    session: Session, channel: ChannelName | None, office: str, actor: str, *, late: bool, unfit: "Unfit | None"
) -> "list[Closing]":
    """Raises Conflict (manifest.nothing-gathered)."""
    from gateway.cli.progress import progress

    room = session.gateway.mail_room
    waiting = room.views.waiting(office)
    channels = [channel.value] if channel else sorted(waiting)
    if not channels:
        raise room.close.nothing(office)
    with progress(session.text("manifest.closing"), sum(waiting.get(one, 0) for one in channels)) as seen:
        closings = []
        for one in channels:
            try:
                closings.append(room.close(one, office, actor=actor, late=late, unfit=unfit, seen=seen))
            except Conflict as conflict:
                if conflict.code is not Code.MANIFEST_NOTHING_GATHERED or len(channels) == 1:
                    raise
    if not closings:
        raise room.close.nothing(office)
    return closings


def _tell(session: Session, closing: "Closing") -> None:
    from templates.catalogue import text

    manifest = closing.manifest
    if manifest is not None:
        service = session.word("channel", manifest.channel)
        session.print_line(
            session.text("manifest.closed", manifest=manifest.number, service=service, count=closing.items)
        )
    for one in closing.set_aside:
        meaning = text("reasons", f"{one.reason}.meaning", session.language)
        session.note(session.text("manifest.set-aside", delivery=one.delivery, meaning=meaning))


def handover(
    context: typer.Context,
    number: Number,
    file: Annotated[Path, typer.Option("--file", help=said("manifest.file"), show_default=False)],
    counted: Annotated[
        int | None, typer.Option("--counted", min=0, help=said("manifest.counted"), show_default=False)
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help=said("manifest.at"), show_default=False)] = None,
    reason: Annotated[str, typer.Option("--reason", help=said("manifest.stated"), show_default=False)] = "",
    as_json: Json = False,
) -> None:
    """The driver took what stands on a manifest, and signed for it."""
    from gateway.application.mail_room.views import handover_view
    from gateway.cli.files import read_file
    from gateway.cli.moments import moment

    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE)
    taken_at = moment(at) if at is not None else session.gateway.clock.now()
    done = session.gateway.mail_room.hand_over(
        number, at=taken_at, signed=read_file(file), actor=actor, counted=counted, stated=reason
    )
    if as_json:
        session.print_json(handover_view(done))
        return
    session.print_line(session.text("manifest.handed-over", manifest=number, count=len(done.taken)))
    for item in done.left_out:
        session.note(session.text("manifest.left-out", piece=item.piece or item.reference, delivery=item.delivery))


def withdraw(
    context: typer.Context,
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help=said("manifest.why"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Nobody took what stands on a manifest: its carrier does not deliver."""
    from gateway.application.mail_room.views import withdrawn_view

    session: Session = context.obj
    done = session.gateway.mail_room.withdraw(number, actor=session.actor(Permission.RESOLVE), reason=reason)
    if as_json:
        session.print_json(withdrawn_view(done))
        return
    if not done.items:
        session.print_line(session.text("manifest.nothing-withdrawn", manifest=number))
        return
    session.print_line(session.text("manifest.withdrawn", manifest=number, count=len(done.items)))
    if done.carrier_told:
        session.note(session.text("manifest.carrier-knows", manifest=number))


def list_(context: typer.Context, as_json: Json = False) -> None:
    """What waits in batches, and the newest manifests."""
    from gateway.cli.manifest_tables import batch_table, manifest_table
    from gateway.cli.tables import show_list

    session: Session = context.obj
    session.actor(None)
    view = session.gateway.mail_room.views.all(viewer=None)
    if as_json:
        session.print_json(view)
        return
    show_list(session, batch_table(session, view), empty=session.text("empty.batches"))
    session.print_line("")
    show_list(session, manifest_table(session, view), empty=session.text("empty.manifests"))


def show(context: typer.Context, number: Number, output: Output = None, as_json: Json = False) -> None:
    """A manifest and what stands on it."""
    from gateway.cli.manifest_tables import item_table, manifest_table, with_others
    from gateway.cli.tables import show as show_table

    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE if output is not None else None)
    view = session.gateway.mail_room.views.one(number, viewer=actor if output is not None else None)
    if output is not None:
        _write(session, number, len(_items(view)), output)
    if as_json:
        session.print_json(view)
        return
    show_table(manifest_table(session, {"manifests": [view | {"items": len(_items(view))}]}))
    for line in with_others(session, view):
        session.print_line(line)
    session.print_line("")
    show_table(item_table(session, view))


def _items(view: dict[str, object]) -> list[object]:
    items = view["items"]
    return items if isinstance(items, list) else []


def _write(session: Session, number: str, count: int, folder: Path) -> None:
    """Writes the manifest's files, the same again wherever they were lost. Raises NoSuchThing (file.unwritable)."""
    from gateway.cli.files import write_file
    from gateway.cli.progress import progress

    written = 0
    with progress(session.text("manifest.writing"), count) as seen:
        for file in session.gateway.mail_room.files(number, session.language, seen=seen):
            write_file(folder / file.name, file.content)
            written += 1
    session.note(session.text("manifest.written", count=written, folder=str(folder)))
