"""Whether something of a dispatch is still kept, as queries say it: its package, or what proves its deliveries."""

import sqlalchemy as sa

from gateway.store.tables.work import data_keys, deliveries, dispatches


def evidence_key_of(dispatch: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The id of the data key of the evidence of that dispatch."""
    return sa.literal("evidence/") + dispatch


def of_dispatch_kept(dispatch: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether the package of that dispatch or its evidence can be opened."""
    kept = sa.or_(data_keys.c.id == dispatches.c.data_key, data_keys.c.id == evidence_key_of(dispatches.c.id))
    return sa.exists().where(dispatches.c.id == dispatch, kept)


def of_delivery_kept(delivery: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The same for the dispatch of that delivery."""
    kept = sa.or_(data_keys.c.id == dispatches.c.data_key, data_keys.c.id == evidence_key_of(dispatches.c.id))
    return sa.exists().where(deliveries.c.id == delivery, dispatches.c.id == deliveries.c.dispatch, kept)
