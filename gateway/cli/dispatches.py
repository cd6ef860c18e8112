"""`gateway submit`, `work`, `dispatches`, `status` and `deliveries`."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.files import read_file
from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.delivery import DeliveryState
from gateway.domain.problem import Problem
from templates.problem_document import problem_document

if TYPE_CHECKING:
    from gateway.application.intake.submit import Accepted


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    add(app, "submit", submit)
    add(app, "work", work)
    add(app, "dispatches", dispatches)
    add(app, "status", status)
    add(app, "deliveries", deliveries)


def submit(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help=said("package.file"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Takes packages in, each by itself: one that is refused does not hold up the others."""
    from gateway.cli.progress import progress

    session: Session = context.obj
    taken: list[dict[str, object]] = []
    refused: list[tuple[Path, Problem]] = []
    actor = session.actor(Permission.SUBMIT)
    with progress(session.text("submit.progress"), len(files)) as advance:
        for file in files:
            try:
                accepted = session.gateway.submit.accept(read_file(file), submitted_by=actor)
            except Problem as problem:
                if len(files) == 1:
                    raise
                refused.append((file, problem))
            else:
                taken.append(_taken(file, accepted))
            advance()
    if as_json:
        problems = [problem_document(one, session.language) | {"file": str(file)} for file, one in refused]
        session.print_json({"dispatches": taken} | ({"refused": problems} if problems else {}))
    for one in () if as_json else taken:
        session.print_line(_told(session, one))
    for file, one_refused in refused:
        session.note_problem(one_refused, file.name)
    if refused:
        raise typer.Exit(refused[0][1].exit_status)


def _taken(file: Path, accepted: "Accepted") -> dict[str, object]:
    return {
        "file": str(file),
        "dispatch": accepted.dispatch.id,
        "package_id": str(accepted.dispatch.package_id),
        "repeat": accepted.repeat,
        "acceptance": base64.b64encode(accepted.acceptance).decode() if accepted.acceptance else None,
    }


def _told(session: Session, taken: Mapping[str, object]) -> str:
    facts = {"file": Path(str(taken["file"])).name, "dispatch": str(taken["dispatch"])}
    return session.text("submit.repeat", **facts) if taken["repeat"] else session.text("submit.accepted", **facts)


def work(
    context: typer.Context,
    until_idle: Annotated[bool, typer.Option("--until-idle", help=said("work.until-idle"))] = False,
    max_seconds: Annotated[
        float | None, typer.Option("--max-seconds", min=0, help=said("work.max-seconds"), show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Does in this process what is due now."""
    from gateway.cli.stopping import StopSignal
    from gateway.logs import write_logs
    from gateway.worker.embedded import work as run_work

    session: Session = context.obj
    write_logs()
    stop = StopSignal()
    with stop.heeded():
        done = run_work(session.gateway, until_idle=until_idle, max_seconds=max_seconds, stop=stop.given)
    if as_json:
        session.print_json(done)
    else:
        session.print_line(session.text("work.done", **done))
    if stop.exit_status:
        raise typer.Exit(stop.exit_status)


def dispatches(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=said("option.limit"))] = 50,
    as_json: Json = False,
) -> None:
    """The newest dispatches."""
    from gateway.cli.tables import dispatch_table, show_list

    session: Session = context.obj
    rows = session.gateway.views.dispatches(limit)
    if as_json:
        session.print_json({"dispatches": rows})
    else:
        show_list(session, dispatch_table(session, rows), empty=session.text("empty.dispatches"))


def status(
    context: typer.Context,
    dispatch: Annotated[str, typer.Argument(help=said("status.dispatch"), show_default=False)],
    as_json: Json = False,
) -> None:
    """One dispatch: its deliveries, attempts and receipts."""
    from gateway.cli.tables import show_status

    session: Session = context.obj
    view = session.gateway.views.dispatch(dispatch)
    if as_json:
        session.print_json(view)
    else:
        show_status(session, view)


def deliveries(
    context: typer.Context,
    state: Annotated[DeliveryState | None, typer.Option("--state", help=said("deliveries.state"))] = None,
    channel: Annotated[str | None, typer.Option("--channel", help=said("deliveries.channel"))] = None,
    came_back: Annotated[bool, typer.Option("--came-back", help=said("deliveries.came-back"))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=said("option.limit"))] = 50,
    as_json: Json = False,
) -> None:
    """The work list."""
    from gateway.cli.tables import show_deliveries

    session: Session = context.obj
    rows = session.gateway.views.deliveries(state=state, channel=channel, limit=limit, came_back=came_back)
    if as_json:
        session.print_json({"deliveries": rows})
    elif rows:
        show_deliveries(session, rows)
    else:
        session.print_line(session.text("empty.deliveries"))
