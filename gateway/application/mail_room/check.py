"""Before an envelope is closed: whether what lies in it is what its label says.

Two envelopes once went out with each other's papers. So the code of the first sheet is held against that of the label.
"""

from gateway.application.mail_room.standing import states_of
from gateway.application.people.own_offices import check_office
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem, EnvelopeCode, ItemState
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


class CheckEnvelope:
    """Looks both codes up, and records that they belong together."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self, sheet: str, label: str, *, actor: str) -> BatchedItem:
        """The item that both codes name, in whichever order they were scanned.

        Raises NoSuchThing (manifest.code-unknown), Conflict (manifest.one-side: two first sheets, or two labels;
        manifest.envelope-swapped; manifest.item-withdrawn: it must not leave), NotAllowed (account.other-office).
        """
        first, second = EnvelopeCode.parse(sheet), EnvelopeCode.parse(label)
        with self._database.write() as tx:
            items = _item(tx, first), _item(tx, second)  # what is no code of ours at all is told before its side
            if first.on_sheet == second.on_sheet:
                raise Conflict(Code.MANIFEST_ONE_SIDE, where=label)
            for one in items:
                check_office(tx, one.office, actor)
            inside, outside = items if first.on_sheet else (items[1], items[0])
            if inside.attempt != outside.attempt:
                raise Conflict(
                    Code.MANIFEST_ENVELOPE_SWAPPED, where=label, inside=_place(inside), outside=_place(outside)
                )
            if states_of(tx, [inside])[inside.attempt] is ItemState.WITHDRAWN:
                raise Conflict(Code.MANIFEST_ITEM_WITHDRAWN, where=label)
            tx.records.append(
                Event(
                    name=EventName.ENVELOPE_CHECKED,
                    at=self._clock.now(),
                    actor=actor,
                    dispatch=inside.dispatch,
                    delivery=inside.delivery,
                    attempt=inside.attempt,
                    facts={"manifest": inside.manifest or "", "piece": inside.piece or ""},
                )
            )
        return inside


def _item(tx: Transaction, read: EnvelopeCode) -> BatchedItem:
    item = tx.manifests.by_code(read.code)
    if item is None:
        raise NoSuchThing(Code.MANIFEST_CODE_UNKNOWN, where=read.code)
    return item


def _place(item: BatchedItem) -> str:
    return f"{item.manifest}, {item.place}" if item.manifest else item.reference
