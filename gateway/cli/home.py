"""`gateway init`, `doctor` and `schema`: the home itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said

if TYPE_CHECKING:
    from gateway.checks import Check
    from gateway.domain.rules.rule import RiskSetting


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    add(app, "init", init)
    add(app, "doctor", doctor)
    add(app, "schema", schema)


def init(
    context: typer.Context,
    key_dir: Annotated[Path | None, typer.Option("--key-dir", help=said("init.key-dir"), show_default=False)] = None,
    sender: Annotated[str, typer.Option("--sender", help=said("init.sender"))] = "registry@tribunal.example",
    database: Annotated[str | None, typer.Option("--database", help=said("init.database"), show_default=False)] = None,
    password_file: Annotated[
        Path | None, typer.Option("--database-password-file", help=said("init.password-file"), show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Makes the home; again, it changes nothing."""
    from gateway.home import Made, create_home

    session: Session = context.obj
    made = create_home(
        session.home,
        key_dir=key_dir,
        sender=sender,
        language=session.language,
        database=database,
        password_file=password_file,
    )
    if as_json:
        session.print_json(
            {"home": str(session.home), "created": made is Made.NEW, "completed": made is Made.COMPLETED}
        )
    else:
        home = str(session.home)
        match made:
            case Made.NEW:
                session.print_line(session.text("init.made", home=home))
            case Made.COMPLETED:
                session.print_line(session.text("init.completed", home=home))
            case Made.AS_IT_WAS:
                session.print_line(session.text("init.stands", home=home))


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """What is wrong, and how to mend it."""
    from gateway.checks import Finding
    from gateway.cli.tables import check_table, show
    from gateway.doctor import examine

    session: Session = context.obj
    checks = [
        {"check": check.name.value, "finding": check.finding.value, "detail": detail_of(check, session)}
        | ({"code": check.problem.code.value} if check.problem else {})
        for check in examine(session.home)
    ]
    if as_json:
        session.print_json({"checks": checks})
    else:
        show(check_table(session, checks))
    if any(check["finding"] == Finding.WRONG.value for check in checks):
        raise typer.Exit(6)


def detail_of(check: "Check", session: Session) -> str | None:
    """What was found and what to do about it, for a person."""
    from templates.catalogue import problem_text, text

    if check.problem is not None:
        return f"{problem_text(check.problem, session.language)[1]} [{check.problem.code}]"
    if check.detail is None:
        return None
    facts = dict(check.facts)
    if "channel" in facts:
        facts["channel"] = session.word("channel", str(facts["channel"]))
    if "reason" in facts:
        reason = facts.pop("reason")
        facts |= {part: text("reasons", f"{reason}.{part}", session.language) for part in ("meaning", "action")}
    lines = [session.text(f"doctor.detail.{check.detail}", **facts)]
    return "\n".join([*lines, *(_undecided(one, session) for one in check.undecided)])


def _undecided(setting: "RiskSetting", session: Session) -> str:
    """A setting as it stands, with what it is for and what speaks against it, each in the person's language."""
    explanation, guidance = (
        getattr(one, session.language.value) for one in (setting.explanation, setting.guidance) if one is not None
    )
    return session.text(
        "doctor.undecided", setting=setting.id, value=setting.default, explanation=explanation, guidance=guidance
    )


def schema(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=said("schema.name"), show_default=False)],
    as_json: Json = False,  # noqa: ARG001  (taken as everywhere: a schema is JSON anyway)
) -> None:
    """A published JSON Schema."""
    from gateway.application.schemas import schema as published

    session: Session = context.obj
    session.print_json(published(name))
