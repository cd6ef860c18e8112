"""A later release's shape, as a migration that only widens would make it: what today's release then works on."""

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.store.tables.floor import schema_floor

NEWER = "9998"
"""The revision of that shape."""
_NOT_OURS = frozenset({"alembic_version", schema_floor.name})


def widen(connection: sa.Connection) -> None:
    """Every table gets a column that may be empty, one that fills itself, and an index; and there is a new table."""
    shape = sa.MetaData()
    shape.reflect(connection)
    for table in shape.sorted_tables:
        if table.name not in _NOT_OURS:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN later_note TEXT")
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN later_count BIGINT DEFAULT 7 NOT NULL")
            connection.exec_driver_sql(f"CREATE INDEX ix_{table.name}_later ON {table.name} (later_note)")
    connection.exec_driver_sql("CREATE TABLE later (id TEXT PRIMARY KEY, since BIGINT NOT NULL)")
    connection.execute(sa.text("UPDATE alembic_version SET version_num = :newer"), {"newer": NEWER})


Shape = dict[str, "TableShape"]


class TableShape:
    """What those who write a table count on: its columns, and what it holds them to."""

    def __init__(self, inspector: sa.Inspector, table: str) -> None:
        self.columns = {one["name"]: one for one in inspector.get_columns(table)}
        unique = [_named(one["column_names"]) for one in inspector.get_unique_constraints(table)]
        unique += [_named(one["column_names"]) for one in inspector.get_indexes(table) if one["unique"]]
        self.held: dict[str, set[tuple[str, ...]]] = {
            "unique": set(unique),
            "primary key": {tuple(inspector.get_pk_constraint(table)["constrained_columns"])},
            "foreign key": {
                (*one["constrained_columns"], one["referred_table"]) for one in inspector.get_foreign_keys(table)
            },
            "check": {(str(one["sqltext"]),) for one in inspector.get_check_constraints(table)},
        }


def _named(columns: Sequence[str | None]) -> tuple[str, ...]:
    """An expression has no name."""
    return tuple(one or "(expression)" for one in columns)


def shape_of(connection: sa.Connection) -> Shape:
    """Every table as it stands."""
    inspector = sa.inspect(connection)
    return {name: TableShape(inspector, name) for name in inspector.get_table_names()}


def breaks(before: Shape, after: Shape) -> list[str]:
    """What of the step a release would trip over that knows only the shape before: nothing, if it only widened."""
    found = [f"{name}: gone" for name in before if name not in after]
    for name in before.keys() & after.keys():
        for rule in (_columns_gone, _columns_asked, _held):
            found += [f"{name}: {one}" for one in rule(before[name], after[name])]
    return sorted(found)


def _columns_gone(before: TableShape, after: TableShape) -> Sequence[str]:
    found = [f"column {one} gone" for one in before.columns if one not in after.columns]
    for one in before.columns.keys() & after.columns.keys():
        was, now = before.columns[one], after.columns[one]
        if str(was["type"]) != str(now["type"]):
            found.append(f"column {one} of another type")
        if was["nullable"] and not now["nullable"]:
            found.append(f"column {one} may be empty no more")
        if not was["nullable"] and now["nullable"]:
            found.append(f"column {one} may be empty")
    return found


def _columns_asked(before: TableShape, after: TableShape) -> Sequence[str]:
    new = [one for name, one in after.columns.items() if name not in before.columns]
    return [f"column {one['name']} asked for" for one in new if not one["nullable"] and one["default"] is None]


def _held(before: TableShape, after: TableShape) -> Sequence[str]:
    return [
        f"new {kind} {', '.join(one)}" for kind, was in before.held.items() for one in sorted(after.held[kind] - was)
    ]
