"""Whose matter a row is: that of the office its delivery or its dispatch is of."""

import sqlalchemy as sa

from gateway.store.tables.work import deliveries, dispatches


def dispatch_of_offices(dispatch: sa.ColumnElement[str], offices: frozenset[str]) -> sa.ColumnElement[bool]:
    """Whether the dispatch of that id is of one of those offices."""
    return sa.exists().where(dispatches.c.id == dispatch, dispatches.c.office.in_(sorted(offices)))


def delivery_of_offices(delivery: sa.ColumnElement[str], offices: frozenset[str]) -> sa.ColumnElement[bool]:
    """Whether the delivery of that id is of one of those offices."""
    return sa.exists().where(
        deliveries.c.id == delivery, dispatches.c.id == deliveries.c.dispatch, dispatches.c.office.in_(sorted(offices))
    )


def nobody_elses(delivery: sa.ColumnElement[str], offices: frozenset[str]) -> sa.ColumnElement[bool]:
    """The same, and also what belongs to no delivery yet."""
    return sa.or_(delivery.is_(None), delivery_of_offices(delivery, offices))
