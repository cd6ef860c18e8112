"""Tables for a person, in the person's language."""

import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from typing import Any, cast

from rich.console import Console, RenderableType
from rich.table import Table

from gateway.cli.no_break import NO_BREAK, held, let_go
from gateway.cli.session import Session
from gateway.domain.reasons import Reason
from gateway.domain.urgency import Urgency

Row = Mapping[str, object]

WIDE = 200
"""Columns when nobody watches."""


def show(table: Table) -> None:
    """Prints a table, as wide as the terminal; wide enough for its columns when nobody watches."""
    # What the cells hold is shown as it is: no markup, no emoji codes.
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    with console.capture() as drawn:
        console.print(table)
    sys.stdout.write(let_go(drawn.get()))


def show_list(session: Session, table: Table, *, empty: str) -> None:
    """Prints a table, or says that there is nothing and what to do."""
    if table.rows:
        show(table)
    else:
        session.print_line(empty)


class _Unbroken(Table):
    """A table whose cells keep their no-break spaces, once `show` has drawn it."""

    def add_row(self, *cells: RenderableType | None, **how: Any) -> None:
        """As every table's."""
        super().add_row(*(held(one) if isinstance(one, str) else one for one in cells), **how)


def headed(session: Session, *headings: str) -> Table:
    """An empty table, for `show`; headings: their keys in the catalogue."""
    table = _Unbroken(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(held(session.text(f"heading.{heading}")), overflow="fold")
    return table


def shown(value: object) -> str:
    """A value as text. Others' words may hold control characters, which would work on the terminal."""
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if value is None:
        return ""
    return "".join(sign if sign.isprintable() or sign in NO_BREAK else " " for sign in str(value))


def moment(value: object) -> str:
    """A moment in this machine's time, with its offset."""
    if value is None:
        return ""
    return dt.datetime.fromisoformat(str(value)).astimezone().isoformat(sep=" ", timespec="minutes")


def _due(session: Session, row: Row) -> str:
    """The due date, and whether it presses."""
    if row["urgency"] in {None, Urgency.ON_TIME}:
        return shown(row["due"])
    return f"{shown(row['due'])} ({session.word('urgency', str(row['urgency']))})"


def dispatch_table(session: Session, rows: Sequence[Row]) -> Table:
    """Dispatches, newest first."""
    table = headed(session, "dispatch", "division", "files", "state", "due", "accepted")
    for row in rows:
        table.add_row(
            shown(row["dispatch"]),
            session.word("division.code", str(row["division"])),
            shown(row["files"]),
            session.word("dispatch-state", str(row["state"])),
            _due(session, row),
            moment(row["accepted_at"]),
        )
    return table


def incoming_table(session: Session, rows: Sequence[Row]) -> Table:
    """What came back, newest first."""
    table = headed(session, "receipt", "received", "finding", "handling", "delivery")
    for row in rows:
        finding = row["finding"]
        table.add_row(
            shown(row["receipt"]),
            moment(row["received_at"]),
            session.word("finding", str(finding)) if finding else "",
            session.word("handling", str(row["handling"])),
            shown(row["delivery"]),
        )
    return table


def show_deliveries(session: Session, rows: Sequence[Row]) -> None:
    """Deliveries, and below them what each reason means and what a person can do about it."""
    table = headed(session, "delivery", "participant", "roles", "channel", "state", "reason", "due")
    for row in rows:
        roles = cast("list[str]", row["roles"])
        table.add_row(
            shown(row["delivery"]),
            shown(row["participant"]),
            ", ".join(session.word("role", role) for role in roles),
            session.word("channel", str(row["channel"])) if row["channel"] else "",
            session.word("delivery-state", str(row["state"])),
            shown(row["reason"]),
            _due(session, row),
        )
    show(table)
    waiting = [one for one in rows if one.get("needs_person")]
    _explain(session, waiting)


def _explain(session: Session, waiting: Sequence[Row]) -> None:
    from templates.catalogue import text

    for reason in dict.fromkeys(str(row["reason"]) for row in waiting if row["reason"]):
        meaning, action = (text("reasons", f"{reason}.{part}", session.language) for part in ("meaning", "action"))
        session.print_line("\n" + session.text("status.reason", reason=reason, meaning=meaning, action=action))


def show_status(session: Session, view: Row) -> None:
    """One dispatch for a person."""
    division, files = session.word("division.code", str(view["division"])), shown(view["files"])
    dispatch = shown(view["dispatch"])
    session.print_line(session.text("status.dispatch", dispatch=dispatch, division=division, files=files))
    state = session.word("dispatch-state", str(view["state"]))
    due = _due(session, view) or session.text("status.no-due")
    session.print_line(session.text("status.state", state=state, due=due) + "\n")
    if view["stuck"]:
        stuck = cast("Row", view["stuck"])
        step, since = session.word("step", str(stuck["step"])), moment(stuck["since"])
        session.print_line(session.text("status.stuck", step=step, cause=shown(stuck["cause"]), since=since) + "\n")
    for note in cast("Sequence[Row]", view["notes"]):
        session.print_line(_note(session, note) + "\n")
    rows = cast("Sequence[Row]", view["deliveries"])
    if rows:
        show_deliveries(session, rows)
        _show_attempts(session, rows)


def _note(session: Session, note: Row) -> str:
    """What was found of a document: a reason's meaning, or a problem's title."""
    from templates.catalogue import text

    code = str(note["code"])
    found = Reason(code) if code in set(Reason) else None
    area, key = ("reasons", f"{code}.meaning") if found else ("problems", f"{code}.title")
    return session.text("status.note", document=shown(note["document"]), note=text(area, key, session.language))


def _show_attempts(session: Session, rows: Sequence[Row]) -> None:
    table = headed(session, "delivery", "attempt", "channel", "result", "reference", "detail")
    for row in rows:
        for number, attempt in enumerate(cast("Sequence[Row]", row["attempts"]), start=1):
            table.add_row(
                shown(row["delivery"]),
                str(number),
                session.word("channel", str(attempt["channel"])),
                session.word("attempt-result", str(attempt["result"])) if attempt["result"] else "",
                shown(attempt["reference"]),
                shown(attempt["detail"]),
            )
    if table.rows:
        session.print_line("")
        show(table)


def route_table(session: Session, view: Row) -> Table:
    """A plan: each participant with the channels in order, or why there are none."""
    table = headed(session, "participant", "roles", "recipient", "channels", "reason")
    for row in cast("Sequence[Row]", view["participants"]):
        channels = ", ".join(session.word("channel", name) for name in cast("list[str]", row["plan"]))
        standing = "handed-over" if row["handed_over"] else str(row["standing"])
        table.add_row(
            shown(row["participant"]),
            ", ".join(session.word("role", role) for role in cast("list[str]", row["roles"])),
            shown(row["recipient"]),
            channels or session.text(f"route.standing.{standing}"),
            shown(row["reason"]),
        )
    return table


def recipient_table(session: Session, rows: Sequence[Row]) -> Table:
    """The directory."""
    table = headed(session, "recipient", "name", "kind", "organization", "channels", "expires")
    for row in rows:
        ways = cast("Sequence[Row]", row["channels"])
        expiries = [shown(key["not_after"])[:10] for key in map(_key, ways) if "not_after" in key]
        table.add_row(
            shown(row["id"]),
            shown(row["name"]),
            session.word("recipient-kind", str(row["kind"])),
            shown(row["organization"]),
            ", ".join(session.word("channel", str(way["type"])) for way in ways),
            ", ".join(expiries),
        )
    return table


def _key(way: Row) -> Row:
    return cast("Row", way.get("certificate") or way.get("public_key") or {})


def show_recipient(session: Session, view: Row) -> None:
    """One entry for a person."""
    show(recipient_table(session, [view]))
    table = headed(session, "channel", "address", "protection", "fingerprint", "expires", "confirmed")
    for way in cast("Sequence[Row]", view["channels"]):
        key = _key(way)
        table.add_row(
            session.word("channel", str(way["type"])),
            shown(way.get("address") or way.get("number") or way.get("account")),
            shown(way.get("protection")),
            shown(key.get("fingerprint")),
            shown(key.get("not_after"))[:10],
            shown(cast("Row", way.get("confirmed") or {}).get("at"))[:10],
        )
    show(table)
    history = pin_table(session, cast("Sequence[Row]", view["history"]))
    if history.rows:
        session.print_line("")
        show(history)


def key_table(session: Session, rows: Sequence[Row]) -> Table:
    """Anchors, own keys and recipients' keys."""
    table = headed(session, "what", "whose", "fingerprint", "key", "expires", "confirmed", "divisions")
    for row in rows:
        table.add_row(
            session.text(f"keys.what.{row['what']}"),
            shown(row["whose"]),
            shown(row["fingerprint"]),
            shown(row["key"]),
            shown(row["not_after"])[:10],
            shown(cast("Row", row.get("confirmed") or {}).get("at"))[:10],
            session.divisions(cast("list[str]", row.get("divisions", []))),
        )
    return table


def token_table(session: Session, rows: Sequence[Row]) -> Table:
    """API tokens."""
    table = headed(session, "token", "name", "scopes", "created", "revoked")
    for row in rows:
        table.add_row(
            shown(row["token"]),
            shown(row["name"]),
            shown(row["scopes"]),
            moment(row["created_at"]),
            moment(row["revoked_at"]),
        )
    return table


def check_table(session: Session, rows: Sequence[Row]) -> Table:
    """What `doctor` found."""
    table = headed(session, "check", "finding", "detail")
    for row in rows:
        table.add_row(
            session.text(f"doctor.check.{row['check']}"),
            session.text(f"doctor.finding.{row['finding']}"),
            "\n".join(shown(line) for line in str(row["detail"] or "").splitlines()),
        )
    return table


def proposal_table(session: Session, rows: Sequence[Row]) -> Table:
    """Proposals, with what to look at twice."""
    table = headed(session, "proposal", "kind", "subject", "state", "proposed", "by", "cautions")
    for row in rows:
        table.add_row(
            shown(row["proposal"]),
            session.word("change-kind", str(row["kind"])),
            shown(row["subject"]),
            session.word("proposal-state", str(row["state"])),
            moment(row["proposed_at"]),
            shown(row["proposed_by"]),
            " ".join(session.word("caution", one) for one in cast("list[str]", row["cautions"])),
        )
    return table


def difference_table(session: Session, rows: Sequence[Row]) -> Table:
    """What a proposal would change."""
    table = headed(session, "field", "before", "after")
    for row in rows:
        table.add_row(shown(row["field"]), shown(row["before"]), shown(row["after"]))
    return table


def pin_table(session: Session, rows: Sequence[Row]) -> Table:
    """The history of a recipient's keys."""
    table = headed(session, "fingerprint", "pinned", "by", "approved", "ended", "replaced")
    for row in rows:
        table.add_row(
            shown(row["fingerprint"]),
            moment(row["pinned_at"]),
            shown(row["pinned_by"]),
            shown(row["approved_by"]),
            moment(row["ended_at"]),
            shown(row["replaced_by"]),
        )
    return table


def finding_table(session: Session, rows: Sequence[Row]) -> Table:
    """What is wrong with keys, and how many deliveries that stops."""
    table = headed(session, "what", "whose", "finding", "until", "stops", "fingerprint")
    for row in rows:
        table.add_row(
            session.text(f"keys.what.{row['owner']}"),
            shown(row["whose"]),
            session.word("key-fault", str(row["fault"])),
            shown(row["until"])[:10],
            session.number(len(cast("list[str]", row["deliveries"]))),
            shown(row["fingerprint"]),
        )
    return table


def parties_table(session: Session, rows: Sequence[Row]) -> Table:
    """What was said of a file's parties."""
    table = headed(session, "source", "sequence", "effective", "received", "changes")
    for row in rows:
        changes = cast("Sequence[Row]", row["changes"])
        table.add_row(
            shown(row["source"]),
            shown(row["sequence"]),
            moment(row["effective_at"]),
            moment(row["received_at"]),
            "; ".join(f"{shown(one['participant'])}: {shown(one['of'])}" for one in changes),
        )
    return table


def clock_table(session: Session, rows: Sequence[Row]) -> Table:
    """The clocks of a dispatch, for staff."""
    table = headed(session, "person", "period", "provision", "trigger", "participant", "runs-from", "indicative")
    for row in rows:
        told = [cast("Row", row[name])[session.language] for name in ("period", "provision", "trigger")]
        table.add_row(
            shown(row["person"]),
            *map(shown, told),
            shown(row["participant"]),
            shown(row["runs_from"]),
            shown(row["indicative"]),
        )
    return table
