"""`gateway evidence papers|drafts|paper|sign`: the papers of proof, drafted, read and signed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.proof import ProofPaper


def add_to(commands: typer.Typer) -> None:
    """Adds the commands to those of `evidence`."""
    add(commands, "papers", papers, "evidence.papers")
    add(commands, "drafts", drafts, "evidence.drafts")
    add(commands, "paper", paper, "evidence.paper")
    add(commands, "sign", sign, "evidence.sign")


def papers(
    context: typer.Context,
    dispatch: Annotated[str, typer.Argument(help=said("evidence.dispatch"), show_default=False)],
    participant: Annotated[str, typer.Option("--participant", help=said("evidence.participant"), show_default=False)],
    officer: Annotated[str, typer.Option("--officer", help=said("evidence.officer"))] = "",
    title: Annotated[str | None, typer.Option("--title", help=said("evidence.title"))] = None,
    account: Annotated[str | None, typer.Option("--for", help=said("evidence.for"))] = None,
    place: Annotated[str | None, typer.Option("--place", help=said("evidence.place"))] = None,
    explanation: Annotated[Path | None, typer.Option("--explanation", help=said("evidence.explanation"))] = None,
    as_json: Json = False,
) -> None:
    """Makes the papers of one delivery, as far as they can be made."""
    from gateway.application.evidence.proof_drawing import Given

    session: Session = context.obj
    given = Given(name=officer, title=title, place=place, explanation=_text(explanation))
    made = session.gateway.evidence.papers.make(
        dispatch, participant, given, officer=account, actor=session.actor(Permission.RESOLVE)
    )
    if as_json:
        missing = [{"kind": one.kind.value, "needs": one.needs.value} for one in made.missing]
        session.print_json({"papers": _views(session, made.papers), "missing": missing})
        return
    _show(session, made.papers)
    for one in made.missing:
        kind = session.word("proof-paper", one.kind.value)
        session.note(session.text(f"evidence.needs.{one.needs.value}", kind=kind))


def drafts(context: typer.Context, as_json: Json = False) -> None:
    """What waits to be signed."""
    session: Session = context.obj
    session.actor(Permission.RESOLVE)
    found = session.gateway.evidence.papers.drafts()
    if as_json:
        session.print_json({"papers": _views(session, found)})
    else:
        _show(session, found)


def paper(
    context: typer.Context,
    paper_id: Annotated[str, typer.Argument(metavar="PAPER", help=said("evidence.paper-id"), show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help=said("evidence.paper-output"), show_default=False)],
) -> None:
    """Writes a paper as it stands."""
    from gateway.cli.files import write_file

    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE)
    papers = session.gateway.evidence.papers
    write_file(output, papers.read(paper_id, actor=actor))
    if not all(one["stands"] for one in _views(session, [papers.known(paper_id, actor=actor)])):
        session.note(session.text("evidence.superseded", paper=paper_id))


def sign(
    context: typer.Context,
    paper_ids: Annotated[list[str], typer.Argument(metavar="PAPER", help=said("evidence.papers-id"))],
    as_json: Json = False,
) -> None:
    """Signs papers in the name of who acts."""
    session: Session = context.obj
    signed = session.gateway.evidence.papers.sign(paper_ids, actor=session.actor(Permission.RESOLVE))
    if as_json:
        session.print_json({"papers": _views(session, signed)})
    else:
        _show(session, signed)


def _text(path: Path | None) -> str:
    """Raises NoSuchThing, InputRefused (file.unreadable)."""
    from gateway.cli.files import read_file
    from gateway.domain.codes import Code
    from gateway.domain.problem import InputRefused

    if path is None:
        return ""
    try:
        return read_file(path).decode()
    except UnicodeDecodeError:
        raise InputRefused(Code.FILE_UNREADABLE, where=path.name) from None


def _views(session: Session, papers: Sequence[ProofPaper]) -> Sequence[Mapping[str, object]]:
    """With which of them stand: what came since may have taken the place of others."""
    deliveries = dict.fromkeys(one.delivery for one in papers)
    listed = [one for delivery in deliveries for one in session.gateway.evidence.papers.listed(delivery)]
    stand = {one.paper.id for one in listed if one.stands}
    return [_view(one, stands=one.id in stand) for one in papers]


def _view(one: ProofPaper, *, stands: bool) -> Mapping[str, object]:
    return {
        "paper": one.id,
        "delivery": one.delivery,
        "kind": one.kind.value,
        "language": one.language.value,
        "officer": one.officer,
        "digest": one.digest,
        "made_at": one.made_at.isoformat(),
        "made_by": one.made_by,
        "signed_at": one.signed_at.isoformat() if one.signed_at else None,
        "signed_by": one.signed_by,
        "stands": stands,
    }


def _show(session: Session, found: Sequence[ProofPaper]) -> None:
    from gateway.cli.proof_tables import paper_table
    from gateway.cli.tables import show_list

    show_list(session, paper_table(session, _views(session, found)), empty=session.text("empty.papers"))
