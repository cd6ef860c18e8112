"""What `doctor` looks at in the mail room, and at those whom it is told to: a carrier's own service, a print vendor."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from gateway.application.mail_room.views import Lying
from gateway.bootstrap import Gateway
from gateway.checks import Check, Detail, Finding, Name

LONGEST_IN_MAIL_ROOM = dt.timedelta(days=3)
"""For how long mail may lie in its batch, or on a manifest that nobody signed, before `doctor` warns: carriers come on
each working day."""


def mail_room(gateway: Gateway, _: Path) -> Check:
    """Nothing else asks whether the driver came: only the due dates run on."""
    lying = _lying(gateway)
    if lying.unsigned:
        return _held_up(Name.MAIL_ROOM, Detail.NOT_SIGNED, lying.unsigned)
    if lying.items:
        facts: dict[str, str | int] = {"count": lying.items}
        return Check(name=Name.MAIL_ROOM, finding=Finding.WARNING, detail=Detail.IN_BATCH, facts=facts)
    return Check(name=Name.MAIL_ROOM)


def carrier_service(gateway: Gateway, _: Path) -> Check:
    """Is asked here and now; of one that is no longer set up, too, what it was to be told is owed."""
    tell = gateway.mail_room.tell
    reason = tell.check() if tell is not None else None
    if reason is not None:
        facts = {"reason": reason.value}
        return Check(name=Name.CARRIER_SERVICE, finding=Finding.WRONG, detail=Detail.CARRIER_AWAY, facts=facts)
    untold = _lying(gateway).untold
    return _held_up(Name.CARRIER_SERVICE, Detail.CARRIER_UNTOLD, untold) if untold else Check(name=Name.CARRIER_SERVICE)


def print_vendor(gateway: Gateway, _: Path) -> Check:
    """Its folders are looked into here and now."""
    printing = gateway.mail_room.printing
    if printing is not None:
        printing.answers.check()
    unprinted = _lying(gateway).unprinted
    return _held_up(Name.PRINT_VENDOR, Detail.VENDOR_SILENT, unprinted) if unprinted else Check(name=Name.PRINT_VENDOR)


def _lying(gateway: Gateway) -> Lying:
    return gateway.mail_room.views.lying(since=gateway.clock.now() - LONGEST_IN_MAIL_ROOM)


def _held_up(name: Name, detail: Detail, manifests: Sequence[str]) -> Check:
    facts: dict[str, str | int] = {"count": len(manifests), "first": manifests[0]}
    return Check(name=name, finding=Finding.WARNING, detail=detail, facts=facts)
