"""`gateway serve`, its parts as processes of their own, and `gateway demo`."""

from typing import Annotated

import typer

from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    add(app, "serve", serve)
    add(app, "web", web)
    add(app, "worker", worker)
    add(app, "scheduler", scheduler)
    add(app, "demo", demo)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help=said("serve.host"), show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", help=said("serve.port"), show_default=False)] = None,
) -> None:
    """Web, workers and scheduler in one process."""
    from gateway.web.server import serve as serve_home

    session: Session = context.obj
    serve_home(session.gateway, host=host, port=port)


def web(
    context: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help=said("serve.host"), show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", help=said("serve.port"), show_default=False)] = None,
) -> None:
    """The web service alone."""
    from gateway.bootstrap import broker_url
    from gateway.web.server import serve_web

    session: Session = context.obj
    serve_web(session.gateway, broker_url(session.home, session.gateway.settings), host=host, port=port)


def worker(
    context: typer.Context,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, max=256, help=said("worker.processes"), show_default=False)
    ] = None,
    host: Annotated[str | None, typer.Option("--host", help=said("worker.host"), show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", help=said("worker.port"), show_default=False)] = None,
) -> None:
    """Workers alone."""
    from gateway.worker.counting import counting_together
    from gateway.worker.left_out import left_out

    session: Session = context.obj
    with counting_together():
        with left_out():
            from gateway.worker.prefork import run_worker
        run_worker(session.home, processes=processes, host=host, port=port)


def scheduler(
    context: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help=said("scheduler.host"), show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", help=said("scheduler.port"), show_default=False)] = None,
) -> None:
    """The scheduler alone."""
    from gateway.worker.scheduler import run_scheduler

    session: Session = context.obj
    run_scheduler(session.home, host=host, port=port)


def demo(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help=said("demo.once"))] = False,
    as_json: Json = False,
) -> None:
    """The whole system on this machine."""
    from gateway.demo.run import run

    session: Session = context.obj
    run(session.language, once=once, as_json=as_json)
