"""Three years of a registry's rows in PostgreSQL, as they lie in life: nearly all settled, a few thousand open.

They are made from what a real home has of one package, by the server itself, and their indexes afterwards. What is
sealed in them opens nothing: pages are asked of the real package among them.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gateway.store.engine import SqlDatabase
from tests.store.test_million import _indexed_afterwards

_DAY = 86_400 * 1_000_000
_YEARS = 3 * 365
EVENTS_EACH = 5
PAPERS_EACH = 2.5
"""Deliveries of a dispatch."""


def _share(place: str, parts: Mapping[str, float], rest: str) -> str:
    """SQL for one of these values by its share of the whole, mixed so that neighbours differ."""
    mixed, upto, cases = f"(({place})::bigint * 7919 % 10000)", 0.0, ""
    for value, share in parts.items():
        upto += share * 10_000
        cases += f" WHEN {mixed} < {upto:.0f} THEN {value}"
    return f"CASE{cases} ELSE {rest} END"


_DISPATCH_OF = "((i - 1) * 2 / 5 + 1)"
_NOW = "(extract(epoch from now()) * 1000000)::bigint"
_SENT, _PROVEN = "'handed-over'", "'delivered'"
_OPEN_PART = 0.006
"""The newest, of which much is open."""
_STATES = {
    "'needs-person'": 0.10,
    "'failed'": 0.06,
    "'held'": 0.02,
    "'unconfirmed'": 0.01,
    "'awaiting-person'": 0.05,
    "'planned'": 0.05,
    "'ready'": 0.10,
    "'deferred'": 0.03,
    "'batched'": 0.15,
}
_ONCE_OPEN = {"'failed'": 0.0004, "'needs-person'": 0.0002, "'cancelled'": 0.006, "'recalled'": 0.001}
_CHANNELS = {
    "'encrypted-email'": 0.55,
    "'secure-upload'": 0.20,
    "'registered-mail'": 0.10,
    "'regular-mail'": 0.07,
    "'fax'": 0.05,
    "'courier'": 0.02,
}


class Crowd:
    """Fills one database. count: of deliveries."""

    def __init__(self, database: SqlDatabase, count: int) -> None:
        self._database = database
        self._count = count
        self._dispatches = int(count / PAPERS_EACH)

    def fill(self) -> None:
        """Everything; then statistics, as PostgreSQL takes them by itself after a while."""
        with self._database._writing.begin() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            self._dispatches_and_dates(connection)
            self._deliveries(connection)
            self._attempts(connection)
            self._mail(connection)
            self._events(connection)
            self._feed(connection)
            self._rest(connection)
        with self._database._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM (ANALYZE)")
            connection.exec_driver_sql("RESET statement_timeout")

    def _ago(self, dispatch: str) -> str:
        """Days since it came; the last one came today."""
        return f"(({self._dispatches} - {dispatch})::bigint * {_YEARS} / {self._dispatches})::int"

    def _due(self, dispatch: str) -> str:
        return f"(current_date - {self._ago(dispatch)} + 5)"

    def _dispatches_and_dates(self, connection: sa.Connection) -> None:
        count, numbers = self._dispatches, f"generate_series(1, {self._dispatches}) AS n(i)"
        ago, due = self._ago("i"), self._due("i")
        fresh = {
            "id": "'y' || i",
            "package_id": "lpad(to_hex(i), 32, '0')::uuid",
            "digest": "'sha256:' || md5(i::text)",
            "files": "'[\"' || 'TC8-' || lpad((i / 2)::text, 7, '0') || '\"]'",
            "division": _share("i", {"'RAD'": 0.15, "'IAD'": 0.15, "'ID'": 0.10}, "'RPD'"),
            "accepted_at": f"{_NOW} - {ago} * {_DAY}",
            "data_key": "'gone'",
            "step": f"CASE WHEN i > {count} - 20 THEN 'plan' ELSE 'done' END",
            "due": due,
            "next_action_at": "NULL",
            "lease_until": "NULL",
        }
        _copied(connection, "dispatches", fresh, numbers, of_first=True)
        of_file = f"SELECT 'TC8-' || lpad((i / 2)::text, 7, '0'), {fresh['division']}, 'y' || i FROM {numbers}"
        _made(connection, "dispatch_files", of_file)
        dates = {
            "dispatch": "'y' || i",
            "start": f"current_date - {ago}",
            "due": due,
            "warn_on": f"{due} - 2",
        }
        _copied(connection, "due_dates", dates, numbers, of_first=True)

    def _deliveries(self, connection: sa.Connection) -> None:
        newest = f"i > {self._count * (1 - _OPEN_PART):.0f}"
        state = (
            f"CASE WHEN {newest} THEN {_share('i', _STATES, _SENT)} "
            f"ELSE {_share('i', {**_ONCE_OPEN, _PROVEN: 0.37}, _SENT)} END"
        )
        fresh = {
            "id": "'z' || i",
            "dispatch": f"'y' || {_DISPATCH_OF}",
            "participant": "'p' || i % 3",
            "state": state,
            "reason": "NULL",
            "channel": _share("i / 7", _CHANNELS, "'hand-delivery'"),
            "settled": f"i <= {self._count * (1 - 2 * _OPEN_PART):.0f}",
            "due": self._due(_DISPATCH_OF),
            "next_action_at": "NULL",
            "lease_until": "NULL",
        }
        _copied(connection, "deliveries", fresh, f"generate_series(1, {self._count}) AS n(i)", of_first=True)
        for change in (
            "reason = 'plan.transmission-ban' WHERE state = 'needs-person'",
            "reason = 'mail.returned' WHERE state = 'failed' AND ordinal % 3 = 0",
            "reason = 'smtp.refused' WHERE state = 'failed' AND ordinal % 3 <> 0",
            "reason = 'receipt.overdue' WHERE state IN ('handed-over', 'delivered') AND NOT settled"
            " AND ordinal % 12 = 0",
            "settled = false WHERE state NOT IN ('handed-over', 'delivered', 'cancelled', 'recalled')",
        ):
            _run(connection, f"UPDATE deliveries SET {change}")

    def _attempts(self, connection: sa.Connection) -> None:
        fresh = {
            "id": "'a' || d.ordinal",
            "delivery": "d.id",
            "channel": "d.channel",
            "reference": "'<' || d.ordinal || '@tribunal.example>'",
            "token": "'t' || d.ordinal",
            "finished_at": "x.accepted_at + 86400000000",
            "claimed_at": "x.accepted_at + 86000000000",
            "started_at": "x.accepted_at + 86000000000",
            "number": "1",
            "fence": "d.fence",
            "result": "CASE d.state WHEN 'batched' THEN 'gathered' ELSE 'handed-over' END",
        }
        sent = "deliveries AS d JOIN dispatches AS x ON x.id = d.dispatch"
        where = "WHERE d.id LIKE 'z%' AND d.state IN ('handed-over', 'delivered', 'batched')"
        _copied(connection, "attempts", fresh, f"{sent} {where}", of_first=False)
        receipt = {
            "id": "'r' || d.ordinal",
            "delivery": "d.id",
            "attempt": "'a' || d.ordinal",
            "event": "'RelayToNonERDS'",
            "at": "x.accepted_at + 86400000000",
            "source": "'smtp'",
            "evidence": "'sha256:' || md5(d.id)",
            "external_id": "d.id",
        }
        where = where.replace(", 'batched'", "")
        _copied(connection, "receipts", receipt, f"{sent} {where}", of_first=False)

    def _mail(self, connection: sa.Connection) -> None:
        """A manifest for each hundred letters; what is batched stands in none."""
        paper = "d.channel IN ('registered-mail', 'regular-mail', 'courier')"
        _run(
            connection,
            f"""CREATE TEMPORARY TABLE letters ON COMMIT DROP AS
            SELECT a.id AS attempt, d.id AS delivery, d.dispatch, d.channel, a.reference, a.claimed_at,
            d.state = 'batched' AS waits, row_number() OVER (PARTITION BY d.state = 'batched' ORDER BY d.ordinal) - 1
            AS n FROM deliveries d JOIN attempts a ON a.delivery = d.id
            WHERE d.id LIKE 'z%' AND ({paper} OR d.state = 'batched')""",
        )
        _run(
            connection,
            """INSERT INTO manifests (number, channel, office, carrier, closed_at, closed_by, handed_over_at,
            recorded_by) SELECT 'M' || n / 100, 'registered-mail', 'toronto', 'Canada Post', max(claimed_at), 'alice',
            max(claimed_at), 'alice' FROM letters WHERE NOT waits GROUP BY n / 100 ORDER BY n / 100""",
        )
        _made(
            connection,
            "batched_items (attempt, delivery, dispatch, channel, office, reference, gathered_at, envelope, pages,"
            " sheets, manifest, place, piece)",
            """SELECT attempt, delivery, dispatch, CASE WHEN waits THEN 'registered-mail' ELSE channel END, 'toronto',
            reference, claimed_at, '\\x00'::bytea, 6, 3, CASE WHEN NOT waits THEN 'M' || n / 100 END,
            CASE WHEN NOT waits THEN n - n / 100 * 100 + 1 END, CASE WHEN NOT waits THEN 'RN' || n END FROM letters""",
        )

    def _events(self, connection: sa.Connection) -> None:
        each = EVENTS_EACH
        names = ("delivery-planned", "delivery-rendered", "attempt-ended", "receipt-recorded", "delivery-settled")
        name = " ".join(f"WHEN {place} THEN '{one}'" for place, one in enumerate(names))
        fresh = {
            "name": f"CASE WHEN d.ordinal % 40 = 0 AND k = 4 THEN 'delivery-resolved' ELSE CASE k {name} END END",
            "at": "x.accepted_at + k * 3600000000",
            "actor": "CASE WHEN d.ordinal % 40 = 0 AND k = 4 THEN CASE d.ordinal % 80 WHEN 0 THEN 'alice' ELSE 'bob'"
            " END ELSE 'gateway' END",
            "dispatch": "d.dispatch",
            "delivery": "d.id",
            "facts": """'{"channel":"' || d.channel || '"}'""",
            "chain": "d.id",
            "sequence": "k + 1",
            "link": "decode(md5(d.id) || md5(k::text), 'hex')",
            "leaf": f"1000000 + d.ordinal * {each} + k",
        }
        source = f"deliveries AS d JOIN dispatches AS x ON x.id = d.dispatch, generate_series(0, {each - 1}) AS k"
        source += " WHERE d.id LIKE 'z%' ORDER BY d.ordinal, k"
        _copied(connection, "events", fresh, source, of_first=False)

    def _feed(self, connection: sa.Connection) -> None:
        fresh = {
            "id": "'f' || x.ordinal",
            "dispatch": "x.id",
            "division": "x.division",
            "person": "'p1'",
            "kind": "'outcome'",
            "state": "CASE WHEN x.ordinal % 20000 = 7 THEN 'rejected' WHEN x.step = 'plan' THEN 'waiting'"
            " ELSE 'accepted' END",
            "told_for": "'[]'",
            "made_at": "x.accepted_at",
            "release_at": "x.accepted_at",
            "batch": "'b' || x.ordinal / 500",
            "place": "x.ordinal % 500",
            "sealed": "'\\x00'::bytea",
        }
        source = "dispatches AS x WHERE x.id LIKE 'y%' AND x.division IN ('RPD', 'RAD')"
        _copied(connection, "feed_transactions", fresh, source, of_first=False)
        _run(
            connection,
            """INSERT INTO feed_batches (id, sequence, count, opened_at, digest, puts, closed_at, doubtful)
            SELECT batch, row_number() OVER (ORDER BY min(ordinal)), count(*), min(made_at), 'sha256:00', 1,
            max(made_at), 0 FROM feed_transactions WHERE batch IS NOT NULL GROUP BY batch""",
        )

    def _rest(self, connection: sa.Connection) -> None:
        """What came back, and what two people decided."""
        few = self._count // 50
        _run(
            connection,
            f"""INSERT INTO incoming (id, source, digest, size, received_at, object_name, handling, tries)
            SELECT 'i' || i, 'mailbox', md5(i::text), 4000, {_NOW}, md5(i::text),
            CASE WHEN i > {few} - 40 THEN 'for-person' ELSE 'matched' END, 1 FROM generate_series(1, {few}) AS n(i)""",
        )
        _run(
            connection,
            f"""INSERT INTO proposals (id, kind, subject, before, content, cautions, proposed_at, proposed_by, reason,
            state) SELECT 'q' || i, 'recipient', 'r' || i, '', '\\x00'::bytea, '[]',
            {_NOW}, 'alice', '\\x00'::bytea,
            CASE WHEN i > {few // 10} - 25 THEN 'open' ELSE 'approved' END
            FROM generate_series(1, {few // 10}) AS n(i)""",
        )


def _copied(connection: sa.Connection, table: str, fresh: Mapping[str, str], source: str, *, of_first: bool) -> None:
    """Rows of the table with these columns. of_first: the others are its first row's; else NULL, nought or empty."""
    columns = [one for one in sa.inspect(connection).get_columns(table) if one["name"] != "ordinal"]
    names = ", ".join(f'"{one["name"]}"' for one in columns)
    if of_first:
        source = f"(SELECT * FROM {table} LIMIT 1) AS t, {source}"
        values = [fresh.get(one["name"], f't."{one["name"]}"') for one in columns]
    else:
        values = [fresh.get(one["name"], _nothing(one)) for one in columns]
    _made(connection, f"{table} ({names})", f"SELECT {', '.join(values)} FROM {source}")


def _nothing(column: Mapping[str, Any]) -> str:
    if column["nullable"]:
        return "NULL"
    return "0" if "INT" in str(column["type"]) else "''"


def _made(connection: sa.Connection, into: str, rows: str) -> None:
    with _indexed_afterwards(connection, into.split(" ", 1)[0]):
        _run(connection, f"INSERT INTO {into} {rows}")


def _run(connection: sa.Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))
