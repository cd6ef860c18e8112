"""A closed manifest that its carrier, as in a strike, did not take: what stands on it still goes another way.

Nobody but a person can say so. Its driver may have taken it hours before anybody records that, and nothing that may
have left us is sent again. The envelopes themselves are destroyed: what goes later by the same carrier is made anew
under other codes, so that one of these is known wherever it turns up.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from gateway.application.mail_room.pages import listed_by_turns
from gateway.application.mail_room.taking_out import TakeOut
from gateway.application.people.own_offices import check_office
from gateway.domain.carriage import TOLD_WHOLE
from gateway.domain.codes import Code
from gateway.domain.manifest import BatchedItem, Manifest
from gateway.domain.problem import Conflict, InputRefused
from gateway.ports.database import Database


@dataclass(frozen=True, kw_only=True)
class WithdrawnManifest:
    """A manifest that was taken by nobody. items: what was taken out of it now. carrier_told: whether the carrier's own
    service knows of them as of envelopes that it is to take, which only the carrier can undo."""

    manifest: Manifest
    items: Sequence[BatchedItem]
    carrier_told: bool


class WithdrawManifest:
    """Takes out what no carrier is known to have, each item by itself: whoever breaks off goes on by asking again."""

    def __init__(self, *, database: Database, take_out: TakeOut, suspended: Callable[[], Collection[str]]) -> None:
        """suspended: the channels whose carrier does not deliver now."""
        self._database = database
        self._take_out = take_out
        self._suspended = suspended

    def __call__(self, number: str, *, actor: str, reason: str) -> WithdrawnManifest:
        """What became of it. What a scan says the carrier has stays where it is.

        Raises NoSuchThing (manifest.unknown), Conflict (manifest.handed-over; manifest.carrier-delivers: it is not
        suspended, and takes it with its next driver), NotAllowed (account.other-office), InputRefused (request.invalid:
        no reason).
        """
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        with self._database.look_up() as tx:
            manifest, carriage = tx.manifests.get(number), tx.carriages.get(number)
            check_office(tx, manifest.office, actor)
        if manifest.handed_over_at is not None:
            raise Conflict(Code.MANIFEST_HANDED_OVER, where=number)
        if manifest.channel not in self._suspended():
            raise Conflict(Code.MANIFEST_CARRIER_DELIVERS, where=number, channel=manifest.channel)
        items = [
            item
            for some in listed_by_turns(self._database, number)
            for item in some
            if self._take_out.left_here(item, actor=actor, why=reason)
        ]
        told = carriage is not None and carriage.state in TOLD_WHOLE
        return WithdrawnManifest(manifest=manifest, items=items, carrier_told=told and bool(items))
