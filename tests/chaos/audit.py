"""What arrived, held against what went in: each message opened with its reader's key and traced to its package, each
document that was collected from the exchange by its digest.

Nothing here believes the gateway's word for what arrived: the mailbox is the witness, and the recipient's own system;
the record must explain both.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from gateway.bootstrap import Gateway
from gateway.domain.delivery import STANDING, Attempt, Delivery, ResultName
from gateway.domain.dispatch import Dispatch
from gateway.domain.problem import Problem
from keys.smime_reader import open_message
from tests.chaos.collector import Collector
from tests.e2e.world import World
from tests.month.packages import EXCHANGE_COUNSEL

_ADDED_BY_SERVER = (b"Return-Path:", b"X-Original-To:", b"Delivered-To:", b"Received:", b"\t", b" ")
_FILE = re.compile(rb"TC6-\d{5}")


@dataclass
class Audit:
    """Each list names what is wrong; `excused` are Message-IDs that came twice and were recorded as maybe sent."""

    packages: int = 0
    messages: int = 0
    entries: int = 0
    documents: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    misrouted: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The figures, and each Message-ID that came twice with a reason."""
        figures = {
            "lost": self.lost,
            "twice": self.twice,
            "misrouted": self.misrouted,
            "unexplained": self.unexplained,
            "twice, recorded as maybe sent": self.excused,
        }
        collected = f"{self.documents} documents of {self.entries} entries collected"
        lines = [f"{self.packages} packages in, {self.messages} messages received, {collected}"]
        lines += [f"{name}: {len(found)}" for name, found in figures.items()]
        lines += [f"  {reference}" for reference in self.excused]
        return "\n".join(lines)


@dataclass(frozen=True)
class _Sent:
    """A delivery with all its tries, and the dispatch it belongs to."""

    dispatch: Dispatch
    delivery: Delivery
    attempts: Sequence[Attempt]


def audit(
    world: World, gateway: Gateway, packages: Sequence[bytes], messages: Sequence[bytes], collector: Collector
) -> Audit:
    """Packages in against messages received and documents collected, by digest."""
    found = Audit(packages=len(packages), messages=len(messages))
    sent = _sent(gateway, packages, found)
    by_reference = {attempt.reference: one for one in sent for attempt in one.attempts}
    arrived: Counter[str] = Counter()
    for raw in messages:
        message = message_from_bytes(raw)
        reference = str(message["Message-ID"]).strip()
        owner = by_reference.get(reference)
        if owner is None:
            found.unexplained.append(f"{reference}: no attempt bears it")
            continue
        arrived[reference] += 1
        _check_route(world, owner, message, found)
        _check_bytes(owner, reference, raw, found)
    _check_collected(gateway, by_reference, collector, found)
    arrived.update(collector.seen)
    for one in sent:
        _check_end(one, arrived, found)
    return found


def _check_collected(gateway: Gateway, owners: Mapping[str, _Sent], collector: Collector, found: Audit) -> None:
    """Each entry is an attempt's, on the files of its package and on no other, and holds what was made for it."""
    for one in collector.collected.values():
        owner = owners.get(one.entry)
        if owner is None or str(owner.delivery.recipient) != EXCHANGE_COUNSEL:
            found.unexplained.append(f"{one.entry}: no attempt left it")
            continue
        found.entries += 1
        found.documents += len(one.taken)
        with gateway.database.read() as tx:
            made = {each.digest for each in tx.records.documents(owner.delivery.id)}
        if one.taken != one.listed or not one.taken <= made:
            found.unexplained.append(f"{one.entry}: other bytes than were made")
        if not one.files == one.named == set(owner.dispatch.files):
            found.misrouted.append(f"{one.entry}: {sorted(one.files | one.named)} for {owner.dispatch.files}")


def _sent(gateway: Gateway, packages: Sequence[bytes], found: Audit) -> list[_Sent]:
    dispatches = []
    with gateway.database.read() as tx:
        for package in packages:
            digest = f"sha256:{hashlib.sha256(package).hexdigest()}"
            dispatch = tx.dispatches.by_digest(digest)
            if dispatch is None:
                found.lost.append(f"{digest}: accepted and not on record")
            else:
                dispatches.append(dispatch)
        deliveries = tx.deliveries.of_dispatches([one.id for one in dispatches])
        attempts = tx.deliveries.attempts_of([one.id for of_one in deliveries.values() for one in of_one])
    return [
        _Sent(dispatch, delivery, attempts.get(delivery.id, ()))
        for dispatch in dispatches
        for delivery in deliveries.get(dispatch.id, ())
    ]


def _check_route(world: World, owner: _Sent, message: Message, found: Audit) -> None:
    """It came to its recipient's address, opens with their key, and holds the papers of its file and of no other."""
    reader = world.readers[str(owner.delivery.recipient)]
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    try:
        entity = open_message(payload, key=reader.key, certificate=reader.certificate).entity
    except Problem as problem:
        found.misrouted.append(f"{owner.delivery.id}: does not open: {problem}")
        return
    files = {one.decode() for one in _FILE.findall(entity)}
    if message["Delivered-To"] != reader.address or files != set(owner.dispatch.files):
        found.misrouted.append(f"{owner.delivery.id}: {sorted(files)} for {owner.dispatch.files}")


def _check_bytes(owner: _Sent, reference: str, raw: bytes, found: Audit) -> None:
    """The bytes are those that one of its attempts recorded before it sent them."""
    digest = hashlib.sha256(_as_sent(raw)).hexdigest()
    recorded = {str(one.sent_digest).removeprefix("sha256:") for one in owner.attempts if one.reference == reference}
    if digest not in recorded:
        found.unexplained.append(f"{reference}: other bytes than were recorded")


def _as_sent(raw: bytes) -> bytes:
    """Without the lines that the server put before it, and with the line ends of the wire."""
    lines = raw.split(b"\n")
    while lines[0].startswith(_ADDED_BY_SERVER):
        lines.pop(0)
    return b"\r\n".join(lines)


def _check_end(one: _Sent, arrived: Counter[str], found: Audit) -> None:
    references = {attempt.reference for attempt in one.attempts}
    times = sum(arrived[reference] for reference in references)
    doubted = [attempt.reference for attempt in one.attempts if attempt.result is ResultName.MAYBE_SENT]
    if times == 0:
        found.lost.append(f"{one.delivery.id}: {one.delivery.state}")
    elif times > 1 and doubted:
        found.excused.extend(sorted(set(doubted)))
    elif times > 1:
        found.twice.append(f"{one.delivery.id}: {sorted(references)}")
    if one.delivery.state not in STANDING:
        found.unexplained.append(f"{one.delivery.id}: ended {one.delivery.state} ({one.delivery.reason})")
