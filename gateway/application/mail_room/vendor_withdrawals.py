"""An envelope that leaves its manifest once the print and mail vendor has the slip: the vendor is told not to mail it,
and a person is called, who makes sure of it."""

import json
from collections.abc import Iterator

from gateway.application import contexts
from gateway.application.acts.call_person import CallPerson, PersonCall
from gateway.application.mail_room.pages import listed
from gateway.application.mail_room.standing import states_of
from gateway.application.sealed import Vault, data_key
from gateway.domain.manifest import BatchedItem, ItemState
from gateway.domain.print_order import PrintOrder
from gateway.domain.problem import Problem
from gateway.domain.report import Finding
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.printing import PrintVendor

SOURCE = "print-vendor"


class WithdrawFromVendor:
    """Each envelope once. The person is called whether or not the vendor can be reached."""

    def __init__(self, *, database: Database, vault: Vault, vendor: PrintVendor, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._vendor = vendor
        self._call_person = CallPerson(database=database, vault=vault, clock=clock)

    def __call__(self) -> int:
        """How many there are newly of. Raises ServiceDown, SetupWrong (sftp.*): people were called all the same."""
        with self._database.look_up() as tx:
            orders = tx.print_orders.unanswered()
        gone = [item for one in orders for item in self._gone(one)]
        met, told = list[Problem](), 0
        for item in gone:
            statement = _statement(item)
            if not self._called(item, statement):
                continue
            told += 1
            try:
                self.tell(item)
            except Problem as problem:
                met.append(problem)
        if met:
            raise met[0]
        return told

    def tell(self, item: BatchedItem) -> None:
        """The vendor is told not to make or mail the item, as often as this is asked. Raises ServiceDown, SetupWrong
        (sftp.*)."""
        self._vendor.put(f"{item.manifest}-withdraw-{item.place:04d}.json", _statement(item))

    def _gone(self, order: PrintOrder) -> Iterator[BatchedItem]:
        """What the slip names, and its manifest no more."""
        with self._database.look_up() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        slip = self._vault.get(key, contexts.print_volume(order.names[-1]), order.objects[-1])
        named = set(json.loads(slip)["places"])
        with self._database.read() as tx:
            for some in listed(tx, order.manifest):
                states = states_of(tx, some)
                yield from (one for one in some if one.place in named and states[one.attempt] is ItemState.WITHDRAWN)

    def _called(self, item: BatchedItem, statement: bytes) -> bool:
        """Whether a person is called now who was not before."""
        call = PersonCall(
            source=SOURCE,
            statement=statement,
            finding=Finding.PRINT_WITHDRAWN,
            dispatch=item.dispatch,
            delivery=item.delivery,
            attempt=item.attempt,
            facts={"piece": item.piece or "", "manifest": item.manifest or ""},
        )
        return self._call_person(call)


def _statement(item: BatchedItem) -> bytes:
    """What the vendor is told: the place, by which the file of the envelope is named. It names nobody."""
    told = {"schema": "volume-withdrawal/1", "manifest": item.manifest, "place": item.place}
    return (json.dumps(told, indent=1) + "\n").encode()
