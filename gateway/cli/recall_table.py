"""The report of a recall on a terminal: a line for each delivery, and below it what a person has to do."""

from collections.abc import Sequence
from typing import cast

from rich.table import Table

from gateway.cli.session import Session
from gateway.cli.tables import Row, headed, moment, show, shown
from gateway.domain.recall import Containment

_NOTHING_TO_DO = frozenset({Containment.STOPPED, Containment.RETRACTED})


def show_recall(session: Session, report: Row) -> None:
    """Prints it."""
    last = cast("Sequence[Row]", report["recalls"])[-1]
    facts = {"dispatch": shown(report["dispatch"]), "by": shown(last["by"]), "at": moment(last["at"])}
    session.print_line(session.text("recall.made", **facts) + "\n")
    rows = cast("Sequence[Row]", report["deliveries"])
    if not rows:
        session.print_line(session.text("recall.nothing-planned"))
        return
    show(_told(session, rows))
    found = {Containment(str(row["containment"])) for row in rows}
    for one in Containment:
        if one in found:
            session.print_line("\n" + session.text(f"recall.meaning.{one.value}"))
    if found <= _NOTHING_TO_DO:
        session.print_line("\n" + session.text("recall.contained"))


def _told(session: Session, rows: Sequence[Row]) -> Table:
    table = headed(session, "delivery", "participant", "roles", "outcome", "detail")
    for row in rows:
        roles = cast("list[str]", row["roles"])
        table.add_row(
            shown(row["delivery"]),
            shown(row["participant"]),
            ", ".join(session.word("role", role) for role in roles),
            session.word("containment", str(row["containment"])),
            "\n".join(_details(session, row)),
        )
    return table


def _details(session: Session, row: Row) -> Sequence[str]:
    left = [_way(session, one) for one in cast("Sequence[Row]", row["left"])]
    taken = [_taking(session, one) for one in cast("Sequence[Row]", row["taken"])]
    called = [_called(session, one) for one in cast("Sequence[Row]", row["called"])]
    return [*left, *taken, *called]


def _called(session: Session, call: Row) -> str:
    return session.text("recall.called", by=shown(call["by"]), at=moment(call["at"]))


def _way(session: Session, sending: Row) -> str:
    """By which way it left or may have."""
    facts = {"channel": session.word("channel", str(sending["channel"])), "at": moment(sending["at"])}
    if sending["retracted_at"]:
        return session.text("recall.withdrawn", **facts, since=moment(sending["retracted_at"]))
    if sending["removed_at"]:
        return session.text("recall.removed", **facts, since=moment(sending["removed_at"]))
    result = str(sending["result"] or "on-its-way")
    return session.text(f"recall.left.{result}", **facts)


def _taking(session: Session, taking: Row) -> str:
    documents, of = cast("int", taking["documents"]), cast("int", taking["of"])
    facts = {"by": shown(taking["by"]), "at": moment(taking["at"])}
    return session.text("recall.taken", count=documents, of=of, **facts)
