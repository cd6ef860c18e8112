"""`gateway closures` and `gateway channels`: days an office is closed, carriers that stand still."""

import datetime as dt
from typing import Annotated

import typer

from gateway.cli.dates import day_of
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import InputRefused
from gateway.ports.calendar import CarrierSuspension, Closure


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    closures = group("closures")
    add(closures, "add", add_closure, "closures.add")
    add(closures, "list", list_closures, "closures.list")
    add(closures, "withdraw", withdraw_closure, "closures.withdraw")
    app.add_typer(closures, name="closures")
    channels = group("channels")
    add(channels, "list", list_channels, "channels.list")
    add(channels, "pause", pause, "channels.pause")
    add(channels, "resume", resume, "channels.resume")
    add(channels, "suspend", suspend, "channels.suspend")
    add(channels, "restore", restore, "channels.restore")
    app.add_typer(channels, name="channels")


_Reason = Annotated[str, typer.Option("--reason", help=said("closures.reason"))]
_AnyChannel = Annotated[str, typer.Argument(help=said("channels.channel"), show_default=False)]
_Channel = Annotated[ChannelName, typer.Argument(help=said("channels.channel"), show_default=False)]


def add_closure(
    context: typer.Context,
    date: Annotated[str, typer.Argument(help=said("closures.date"), show_default=False)],
    reason: _Reason,
    office: Annotated[str | None, typer.Option("--office", help=said("closures.office"), show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help=said("closures.all"))] = False,
    as_json: Json = False,
) -> None:
    """An office is closed on a day."""
    session: Session = context.obj
    if (office is None) is not every:
        raise InputRefused(Code.REQUEST_INVALID, where="--office", expected="--office | --all")
    closure = session.gateway.calendar.close(
        day_of(date, "DATE"), office, actor=session.actor(Permission.CALENDAR), reason=reason
    )
    if as_json:
        session.print_json(_closure(session, closure))
    else:
        when, where = closure.date.isoformat(), _office(session, closure)
        session.print_line(session.text("closures.added", date=when, office=where))


def withdraw_closure(
    context: typer.Context,
    closure: Annotated[str, typer.Argument(help=said("closures.closure"), show_default=False)],
    reason: _Reason,
    as_json: Json = False,
) -> None:
    """A closure was entered by mistake."""
    session: Session = context.obj
    after = session.gateway.calendar.withdraw(closure, actor=session.actor(Permission.CALENDAR), reason=reason)
    if as_json:
        session.print_json(_closure(session, after))
    else:
        when, where = after.date.isoformat(), _office(session, after)
        session.print_line(session.text("closures.withdrawn", date=when, office=where))


def list_closures(context: typer.Context, as_json: Json = False) -> None:
    """Every closure that staff entered."""
    from gateway.cli.calendar_tables import closure_table
    from gateway.cli.tables import show_list

    session: Session = context.obj
    rows = [_closure(session, one) for one in session.gateway.calendar.closures()]
    if as_json:
        session.print_json({"closures": rows})
    else:
        show_list(session, closure_table(session, rows), empty=session.text("empty.closures"))


def suspend(
    context: typer.Context,
    channel: _Channel,
    reason: _Reason,
    since: Annotated[str | None, typer.Option("--since", help=said("channels.since"), show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """A channel's carrier does not deliver."""
    session: Session = context.obj
    calendar = session.gateway.calendar
    suspension = calendar.suspend(
        channel.value, _moment(since), actor=session.actor(Permission.CALENDAR), reason=reason
    )
    unsigned = session.gateway.mail_room.views.unsigned(channel.value)
    if as_json:
        session.print_json(_suspension(session, suspension) | {"unsigned_manifests": list(unsigned)})
        return
    name, at = session.word("channel", channel), suspension.since.astimezone().isoformat(" ", "minutes")
    session.print_line(session.text("channels.suspended", channel=name, since=at))
    for manifest, count in unsigned.items():
        session.note(session.text("manifest.unsigned", manifest=manifest, count=count))


def pause(context: typer.Context, channel: _AnyChannel, reason: _Reason, as_json: Json = False) -> None:
    """A channel of ours takes nothing until it is resumed."""
    session: Session = context.obj
    session.gateway.pauses.pause(_known(session, channel), actor=session.actor(Permission.CALENDAR), reason=reason)
    _tell_of_pause(session, channel, paused=True, as_json=as_json)


def resume(context: typer.Context, channel: _AnyChannel, reason: _Reason, as_json: Json = False) -> None:
    """It takes what waits for it again."""
    session: Session = context.obj
    session.gateway.pauses.resume(_known(session, channel), actor=session.actor(Permission.CALENDAR), reason=reason)
    _tell_of_pause(session, channel, paused=False, as_json=as_json)


def _known(session: Session, channel: str) -> str:
    return session.gateway.known_channel(channel, where="CHANNEL")


def _tell_of_pause(session: Session, channel: str, *, paused: bool, as_json: bool) -> None:
    name = session.word("channel", channel)
    if as_json:
        session.print_json(next(one for one in _channels(session) if one["channel"] == channel))
    elif paused:
        session.print_line(session.text("channels.paused-by-person", channel=name))
    else:
        session.print_line(session.text("channels.resumed", channel=name))


def restore(context: typer.Context, channel: _Channel, reason: _Reason, as_json: Json = False) -> None:
    """The carrier delivers again."""
    session: Session = context.obj
    suspension = session.gateway.calendar.restore(
        channel.value, actor=session.actor(Permission.CALENDAR), reason=reason
    )
    if as_json:
        session.print_json(_suspension(session, suspension))
    else:
        session.print_line(session.text("channels.restored", channel=session.word("channel", channel)))


def list_channels(context: typer.Context, as_json: Json = False) -> None:
    """The channels and how they stand."""
    from gateway.cli.calendar_tables import channel_table
    from gateway.cli.tables import show

    session: Session = context.obj
    rows = _channels(session)
    if as_json:
        session.print_json({"channels": rows})
    else:
        show(channel_table(session, rows))


def _channels(session: Session) -> list[dict[str, object]]:
    gateway = session.gateway
    with gateway.database.read() as tx:
        pauses = {one.channel: one for one in tx.registry.pauses() if one.until > gateway.clock.now()}
        suspended = {one.channel: one for one in tx.calendar.suspensions() if one.restored_at is None}
    return [
        {
            "channel": name,
            "set_up": name in gateway.channels,
            "paused_until": pauses[name].until.isoformat() if name in pauses else None,
            "pause_reason": pauses[name].reason if name in pauses else None,
            "suspension": _suspension(session, suspended[name]) if name in suspended else None,
        }
        for name in gateway.channel_names
    ]


def _moment(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputRefused(Code.REQUEST_INVALID, where="--since", expected="2026-09-26T00:00:00-04:00")
    return moment


def _office(session: Session, closure: Closure) -> str:
    return session.text("closures.all") if closure.office is None else session.word("office", closure.office)


def _closure(session: Session, closure: Closure) -> dict[str, object]:
    return {
        "closure": closure.id,
        "office": closure.office,
        "date": closure.date.isoformat(),
        "reason": session.gateway.calendar.reason(closure.id, closure.reason),
        "entered_at": closure.entered_at.isoformat(),
        "entered_by": closure.entered_by,
        "withdrawn_at": closure.withdrawn_at.isoformat() if closure.withdrawn_at else None,
        "withdrawn_by": closure.withdrawn_by,
    }


def _suspension(session: Session, suspension: CarrierSuspension) -> dict[str, object]:
    return {
        "channel": suspension.channel,
        "since": suspension.since.isoformat(),
        "reason": session.gateway.calendar.reason(suspension.id, suspension.reason),
        "entered_by": suspension.entered_by,
        "restored_at": suspension.restored_at.isoformat() if suspension.restored_at else None,
        "restored_by": suspension.restored_by,
    }
