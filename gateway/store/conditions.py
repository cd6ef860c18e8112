"""What is true of a row in a state, as partial indexes and the queries that go through them both say it."""

import sqlalchemy as sa

from gateway.domain.delivery import CALLING, OWED, DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.reasons import Reason
from gateway.ports.incoming import Handling


def claimable(state: sa.ColumnElement[DeliveryState]) -> sa.ColumnElement[bool]:
    """Whether a delivery in that state may be claimed, as the partial index and its queries both say it.

    The words are literals, since a partial index serves only queries that repeat its condition to the letter.
    IS TRUE keeps SQLite, which has no statistics, from taking the index on state for the better one.
    """
    return state.in_([sa.literal_column("'ready'"), sa.literal_column("'deferred'")]).is_(sa.true())


def waiting(step: sa.ColumnElement[Step]) -> sa.ColumnElement[bool]:
    """Whether a dispatch at that step waits to be planned or rendered; said so for the same reasons."""
    return step.in_([sa.literal_column("'plan'"), sa.literal_column("'render'")]).is_(sa.true())


def owed(state: sa.ColumnElement[DeliveryState]) -> sa.ColumnElement[bool]:
    """Whether a delivery in that state has not been sent: what the service standard still runs for."""
    return state.in_(sorted(OWED))


def in_flight(state: sa.ColumnElement[DeliveryState]) -> sa.ColumnElement[bool]:
    """Whether a delivery in that state is somebody's under a lease; said so for the same reasons."""
    return state.in_([sa.literal_column("'sending'")]).is_(sa.true())


def unsettled(state: sa.ColumnElement[DeliveryState], settled: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether a delivery left us and its closing rule is still waited for; said so for the same reasons."""
    standing = state.in_([sa.literal_column("'handed-over'"), sa.literal_column("'delivered'")]).is_(sa.true())
    return sa.and_(standing, settled.is_(sa.false()))


def calling(reason: sa.ColumnElement[Reason]) -> sa.ColumnElement[bool]:
    """Whether a delivery with that reason calls a person though it left us, or lies ready; said so for the same
    reasons. Among a million few do, and no index on states tells them from what is merely awaited."""
    return reason.in_([sa.literal_column(f"'{one.value}'") for one in sorted(CALLING)]).is_(sa.true())


def by_somebody(actor: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether an event is somebody's, not the gateway's own; said so for its partial index."""
    return actor != sa.literal_column("'gateway'")


def unread(handling: sa.ColumnElement[Handling]) -> sa.ColumnElement[bool]:
    """Whether something that came is still to be read or matched; said as `claimable` is, for its partial index."""
    return handling.in_([sa.literal_column("'new'"), sa.literal_column("'waiting'")]).is_(sa.true())
