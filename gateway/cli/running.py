"""`gateway serve` and `gateway demo`."""

from typing import Annotated

import typer

from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    add(app, "serve", serve)
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


def demo(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help=said("demo.once"))] = False,
    as_json: Json = False,
) -> None:
    """The whole system on this machine."""
    from gateway.demo.run import run

    session: Session = context.obj
    run(session.language, once=once, as_json=as_json)
