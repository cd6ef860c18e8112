"""`gateway`: the command line. Commands import what they need when they run, so that `--help` is quick."""

import gc
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer

from gateway.cli.session import LANGUAGE, Session
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import Problem

_COLLECT_AFTER = (100_000, 10, 10)
"""Objects made before Python looks for garbage. Loading makes some 400,000, all of which stay: at its own thresholds
the search is a fifth of what a short command takes. A process that lives on chooses others (`spare_what_stays`)."""

ANYWHERE = frozenset({"--home", "--as", "--lang"})
"""Options of `gateway` itself that may stand anywhere on the line."""


_COMMANDS: Mapping[str, Sequence[str]] = {
    "home": ("init", "doctor", "schema"),
    "running": ("serve", "web", "worker", "scheduler", "demo"),
    "packages": ("package", "preview"),
    "routes": ("route",),
    "dispatches": ("submit", "work", "dispatches", "status", "deliveries"),
    "dropping": ("drop",),
    "feeding": ("feed",),
    "resolving": ("resolve", "retry"),
    "packets": ("packet",),
    "recalling": ("recall",),
    "receipts": ("receipts",),
    "manifests": ("manifest",),
    "scans": ("scans",),
    "evidence": ("evidence",),
    "recipients": ("recipients",),
    "keys": ("keys",),
    "dates": ("deadline", "deemed-receipt", "clocks"),
    "calendar": ("closures", "channels"),
    "file_parties": ("files",),
    "approvals": ("approvals",),
    "users": ("users",),
    "tokens": ("tokens",),
    "callbacks": ("callbacks",),
    "retention": ("retention",),
    "backing_up": ("backup", "restore"),
    "exchange": ("exchange",),
}
"""The modules that add commands, in the order of the help page, with the first words that each answers to."""


def main() -> None:
    """Runs the command line; the exit status is one of INTERFACE.md."""
    gc.set_threshold(*_COLLECT_AFTER)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file's name need not be UTF-8; such a byte is shown as JSON writes a lone surrogate.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.excepthook = _defect
    arguments = hoisted(sys.argv[1:])
    _choose_language(arguments)
    try:
        raise SystemExit(_run(arguments))
    except Problem as problem:
        raise SystemExit(_refuse(problem)) from None
    finally:
        gc.freeze()  # else Python takes all that was loaded apart, one by one, before it gives the memory back: 0.3 s


def build(word: str = "") -> typer.Typer:
    """The command line in the language of the environment: what answers to that first word, or, where nothing does, the
    whole. A worker keeps what it has loaded as long as it lives, and a short command loads little else."""
    from gateway.cli import pages
    from gateway.cli.texts import said

    app = pages.group("gateway")

    @app.callback(help=said("gateway"))
    def root(
        context: typer.Context,
        home: Annotated[Path | None, typer.Option("--home", help=said("option.home"), show_default=False)] = None,
        user: Annotated[str | None, typer.Option("--as", help=said("option.as"), show_default=False)] = None,
        lang: Annotated[Language | None, typer.Option("--lang", help=said("option.lang"), show_default=False)] = None,
    ) -> None:
        """What every command starts with; the language was chosen before, since help texts need it."""
        session = Session()
        session.home = home or session.home
        session.user = user or session.user
        session.language = lang or session.language
        context.obj = session
        context.call_on_close(session.close)

    for name in [name for name, words in _COMMANDS.items() if word in words] or _COMMANDS:
        import_module(f"gateway.cli.{name}").add_to(app)
    return app


def hoisted(arguments: list[str]) -> list[str]:
    """The arguments with the options of `gateway` itself brought to the front."""
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, _ = argument.partition("=")
        if argument == "--":
            rest += [argument, *waiting]
        elif name in ANYWHERE:
            front.append(argument)
            if not equals:
                front += [value] if (value := next(waiting, None)) is not None else []
        else:
            rest.append(argument)
    return front + rest


def _first_word(arguments: Sequence[str]) -> str:
    """What follows the options of `gateway` itself, which stand in front by now."""
    waiting = iter(arguments)
    for argument in waiting:
        if argument not in ANYWHERE and argument.partition("=")[0] not in ANYWHERE:
            return argument
        if argument in ANYWHERE:
            next(waiting, None)
    return ""


def _choose_language(arguments: list[str]) -> None:
    """`--lang` holds for help pages and refusals too, which are read before and after any command."""
    for argument, value in zip(arguments, [*arguments[1:], ""], strict=True):
        name, equals, given = argument.partition("=")
        if name == "--lang" and (given if equals else value) in set(Language):
            os.environ[LANGUAGE] = given if equals else value


def _run(arguments: list[str]) -> int:
    command = typer.main.get_command(build(_first_word(arguments)))
    try:
        status = command.main(args=arguments, prog_name="gateway", standalone_mode=False)
    except typer.TyperException as wrong:
        from gateway.cli.usage import wrong_usage

        if type(wrong).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(f"{wrong.format_message()}\n")
            return wrong.exit_code
        raise wrong_usage(wrong) from None
    return status if isinstance(status, int) else 0


def _refuse(problem: Problem) -> int:
    from gateway.cli.usage import WrongUsage
    from templates.problem_document import problem_document

    session = Session()
    document = problem_document(problem, session.language)
    if isinstance(problem, WrongUsage):
        document["detail"] = problem.sentence
        session.note(f"{problem.sentence}\n{problem.see}")
    else:
        session.note_problem(problem)
    if "--json" in sys.argv:
        session.print_json(document)
    return problem.exit_status


def _defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A defect of ours is told as a problem, with the place in the code but not the error's own words, which may hold
    content. Python exits with 1 after this."""
    if isinstance(error, KeyboardInterrupt):
        return
    _refuse(Problem(Code.DEFECT))
    sys.stderr.write("".join(traceback.format_tb(trace)) + kind.__name__ + "\n")


if __name__ == "__main__":
    main()
