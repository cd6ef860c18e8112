"""What was said of files' parties as rows. See `gateway.ports.parties.Parties` for the contract."""

import datetime as dt
import json
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.outcomes import Division
from gateway.domain.reasons import Reason
from gateway.ports.parties import StoredParties
from gateway.store.locking import only_writer
from gateway.store.rows import columns_of
from gateway.store.tables.party import file_parties, planned_for
from gateway.store.tables.work import deliveries, dispatches
from gateway.store.upsert import Insert, replace_in

_ADD = sa.insert(file_parties).inline()
_ALL = sa.select(*columns_of(file_parties, StoredParties))
_FILE = (file_parties.c.division == sa.bindparam("b_division", type_=file_parties.c.division.type),)
_ONE = _ALL.where(
    *_FILE,
    file_parties.c.file == sa.bindparam("b_file"),
    file_parties.c.source == sa.bindparam("b_source"),
    file_parties.c.sequence == sa.bindparam("b_sequence"),
)
_LAST = sa.select(sa.func.coalesce(sa.func.max(file_parties.c.sequence), 0)).where(
    *_FILE, file_parties.c.file == sa.bindparam("b_file"), file_parties.c.source == sa.bindparam("b_source")
)
_OF_FILES = _ALL.where(
    *_FILE,
    file_parties.c.file.in_(sa.bindparam("b_files", expanding=True)),
    sa.func.length(file_parties.c.sealed) > 0,
).order_by(file_parties.c.ordinal)
_SILENT = (
    sa.select(file_parties.c.division, file_parties.c.file)
    .group_by(file_parties.c.division, file_parties.c.file)
    .having(
        sa.func.max(file_parties.c.received_at) < sa.bindparam("b_moment", type_=file_parties.c.received_at.type),
        sa.func.max(sa.func.length(file_parties.c.sealed)) > 0,
    )
    .order_by(file_parties.c.division, file_parties.c.file)
)
_FORGET = sa.update(file_parties).where(*_FILE, file_parties.c.file == sa.bindparam("b_file")).values(sealed=b"")
_PLANNED = sa.select(planned_for.c.sealed).where(planned_for.c.delivery == sa.bindparam("b_delivery"))
_WAITING = (
    sa.select(deliveries.c.id)
    .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
    .where(
        deliveries.c.state == DeliveryState.NEEDS_PERSON,
        deliveries.c.reason == sa.bindparam("b_reason", type_=deliveries.c.reason.type),
        dispatches.c.division == sa.bindparam("b_division", type_=dispatches.c.division.type),
    )
    .order_by(deliveries.c.ordinal)
)
_WAITS = sa.or_(
    deliveries.c.state.in_((DeliveryState.READY, DeliveryState.DEFERRED, DeliveryState.BATCHED)),
    sa.and_(deliveries.c.state == DeliveryState.AWAITING_PERSON, deliveries.c.reason.is_(None)),
)
_TO_BE_SENT = (
    sa.select(*columns_of(deliveries, Delivery))
    .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
    .where(_WAITS, dispatches.c.division == sa.bindparam("b_division", type_=dispatches.c.division.type))
    .order_by(deliveries.c.ordinal)
)
_TO_BE_SENT_TO = (
    sa.select(*columns_of(deliveries, Delivery))
    .where(_WAITS, deliveries.c.recipient.in_(sa.bindparam("b_recipients", expanding=True)))
    .order_by(deliveries.c.ordinal)
)
_FILES = sa.type_coerce(dispatches.c.files, sa.Text)


@cache
def _put_planned(dialect: str) -> Insert:
    return replace_in(planned_for, dialect, key=("delivery",))


class SqlParties:
    """`Parties` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, message: StoredParties) -> None:
        """Appends."""
        self._connection.execute(_ADD, vars(message))

    def find(self, division: Division, file: str, *, source: str, sequence: int) -> StoredParties | None:
        """The message of that sequence, if it came. Until the transaction ends nobody else adds one."""
        only_writer(self._connection, file_parties)
        which = {"b_division": division, "b_file": file, "b_source": source, "b_sequence": sequence}
        row = self._connection.execute(_ONE, which).one_or_none()
        return None if row is None else StoredParties(**row._mapping)

    def last_sequence(self, division: Division, file: str, *, source: str) -> int:
        """The greatest sequence of the source about the file; 0 when there is none."""
        which = {"b_division": division, "b_file": file, "b_source": source}
        return int(self._connection.scalar(_LAST, which) or 0)

    def of_files(self, division: Division, files: Sequence[str]) -> Sequence[StoredParties]:
        """All about those files, in the order they came."""
        rows = self._connection.execute(_OF_FILES, {"b_division": division, "b_files": list(files)})
        return [StoredParties(**row._mapping) for row in rows]

    def hold(self) -> None:
        """Until the transaction ends nobody else adds a message."""
        only_writer(self._connection, file_parties)

    def silent_since(self, moment: dt.datetime) -> Sequence[tuple[Division, str]]:
        """The files of which something is still kept and nothing came since."""
        return [(row.division, row.file) for row in self._connection.execute(_SILENT, {"b_moment": moment})]

    def forget(self, division: Division, file: str) -> None:
        """What the messages about the file hold is removed: `of_files` no longer gives them. That they came stays."""
        self._connection.execute(_FORGET, {"b_division": division, "b_file": file})

    def put_planned(self, delivery_id: str, sealed: bytes) -> None:
        """Whom the delivery was planned for, in place of what was kept before."""
        values = {"delivery": delivery_id, "sealed": sealed}
        self._connection.execute(_put_planned(self._connection.dialect.name), values)

    def planned(self, delivery_id: str) -> bytes | None:
        """Whom the delivery was planned for; None where that was not kept."""
        sealed: bytes | None = self._connection.scalar(_PLANNED, {"b_delivery": delivery_id})
        return sealed

    def waiting(self, division: Division, reason: Reason) -> Sequence[str]:
        """The deliveries of the division that wait for a person for that reason."""
        which = {"b_division": division, "b_reason": reason}
        return list(self._connection.scalars(_WAITING, which))

    def to_be_sent(self, division: Division, file: str) -> Sequence[Delivery]:
        """See the contract."""
        written = json.dumps(file, ensure_ascii=False)  # as it stands in the list of the dispatch's files
        query = _TO_BE_SENT.where(_FILES.contains(written, autoescape=True))
        return [Delivery(**row._mapping) for row in self._connection.execute(query, {"b_division": division})]

    def to_be_sent_to(self, recipients: Sequence[str]) -> Sequence[Delivery]:
        """The deliveries to those entries of the directory that wait for their turn. The oldest first."""
        rows = self._connection.execute(_TO_BE_SENT_TO, {"b_recipients": list(recipients)})
        return [Delivery(**row._mapping) for row in rows]
