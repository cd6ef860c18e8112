"""By which ways one envelope may go, best first, and why each other way is closed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.domain.envelope import Envelope as Outside
from gateway.domain.envelope import address_fault
from gateway.domain.package import Document
from gateway.domain.parties import ChannelName, Contact, Participant, Protection, Recipient, RecipientChannel
from gateway.domain.reasons import Reason
from gateway.domain.rules.book import RuleBook
from gateway.domain.rules.facts import Facts
from gateway.domain.rules.rule import AnyRule, GateRule, Obstacle, OrderRule

MAIL = frozenset(
    {ChannelName.COURIER, ChannelName.REGISTERED_MAIL, ChannelName.PRIORITY_POST, ChannelName.REGULAR_MAIL}
)
"""Ways that need a postal address."""


_HOUSE = dict.fromkeys(one.value for one in ChannelName if one is not ChannelName.OUTCOME_FEED)
"""The channels of the house that go to a recipient, in order."""


@dataclass(frozen=True, kw_only=True)
class WayLimits:
    """What a channel that is set up can carry. growth: bytes on the wire for each byte of documents, where the
    protection of the address says nothing else."""

    max_bytes: int
    growth: float
    growth_under: Mapping[Protection, float] = field(default_factory=dict)
    max_pages: int | None = None
    seals: bool = False
    """Whether it seals for a key of the recipient's."""

    def wire(self, size: int, way: RecipientChannel) -> int:
        """Bytes on the wire of documents of that size on that way."""
        growth = self.growth if way.protection is None else self.growth_under.get(way.protection, self.growth)
        return round(size * growth)


@dataclass(frozen=True, kw_only=True)
class DocumentSize:
    """How large a document is; `pages` None where they are not counted yet."""

    bytes: int
    pages: int | None = None


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one envelope weighs: its documents together, the pages of the longest, and of all."""

    bytes: int
    pages: int
    all_pages: int = 0


@dataclass(frozen=True, kw_only=True)
class Means:
    """What there is to send with: the channels that are set up, and why nothing may be encrypted to a way, if so.

    suspended: channels whose carrier does not deliver now, as in a strike."""

    channels: Mapping[str, WayLimits]
    key_fault: Callable[[RecipientChannel], Reason | None]
    suspended: frozenset[str] = frozenset()
    sizes: Mapping[str, DocumentSize] = field(default_factory=dict)
    """Of the package's documents, by path."""

    def load(self, documents: Sequence[Document]) -> Load:
        """What these documents of the package weigh together, as far as it is known before they are rendered."""
        sizes = [self.sizes[one.path] for one in documents if one.path in self.sizes]
        pages = max((one.pages or 0 for one in sizes), default=0)
        all_pages = sum(one.pages or 0 for one in sizes)
        return Load(bytes=sum(one.bytes for one in sizes), pages=pages, all_pages=all_pages)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Why a channel is taken or not.

    offered: whether the rules name it for this recipient at all. reaches: whether there is an address for it.
    on_request: it is taken when a person asks for it, and by no plan.
    """

    channel: str
    rule: AnyRule
    taken: bool = False
    offered: bool = True
    reaches: bool = False
    on_request: bool = False
    reason: Reason | None = None
    size: int | None = None
    """Of the message on the wire in bytes, where that is what closes the way, and `limit` what it exceeds."""
    limit: int | None = None
    gates: tuple[GateRule, ...] = ()
    """Every rule of the Board that closes the way; `rule` is the first."""

    @property
    def planned(self) -> bool:
        """Whether it is taken without anybody asking."""
        return self.taken and not self.on_request

    @property
    def may_override(self) -> bool:
        """Whether two people together may have it sent this way: where every rule that closes it grants that itself.

        Nothing else is ever passed over: neither the lack of an address or key, nor what no rule offers."""
        return bool(self.gates) and all(gate.override is not None for gate in self.gates)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """The channels in order with a verdict on each; `reason` where none is left, and the rule behind it."""

    verdicts: tuple[Verdict, ...]
    reason: Reason | None = None
    rule: AnyRule | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """Those that are planned, best first."""
        return tuple(one.channel for one in self.verdicts if one.planned)

    def reason_of(self, planned: Sequence[str]) -> Reason:
        """Why none of the channels that were planned is left."""
        closed = [one.reason for one in self.verdicts if one.channel in planned and one.reason is not None]
        return self.reason or (closed[0] if closed else Reason.NO_RULE)


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What is to find its way: whom it goes to, what the rules may ask of them, and what it weighs."""

    participant: Participant
    recipient: Recipient | None
    facts: Sequence[Facts]
    load: Load


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A channel that two people opened for one envelope by setting these gates aside."""

    channel: str
    gates: frozenset[str]

    def sets_aside(self, gate: GateRule, channel: str) -> bool:
        """Only where the rules still grant it: a gate that grants none closes whatever anybody approved."""
        return channel == self.channel and gate.override is not None and gate.id in self.gates


def ways_to(envelope: Envelope, book: RuleBook, means: Means, opened: Opened | None = None) -> Ways:
    """The ways of one envelope. What one role or person closes is closed: nothing opens it again, but what two people
    opened of what the rules let them open."""
    asked = [fact._replace(pages=envelope.load.pages) for fact in envelope.facts]
    orders = tuple(dict.fromkeys(book.order(fact) for fact in asked))
    gates = tuple(dict.fromkeys(gate for fact in asked for gate in book.gates(fact)))
    judge = _Judge(envelope, book, means, gates, opened)
    offered = [name for name in orders[0].channels if all(name in order.channels for order in orders)]
    verdicts = [judge.verdict(name, orders[0]) for name in offered]
    open_too = [name for name in orders[0].by_person if name not in offered and name in means.channels]
    requested = [name for name in open_too if all(_allows(order, name) for order in orders)]
    verdicts += [replace(judge.verdict(name, orders[0], asked=True), on_request=True) for name in requested]
    named = {*offered, *requested}
    verdicts += [Verdict(channel=name, rule=orders[0], offered=False) for name in _known(means) if name not in named]
    return _concluded(tuple(verdicts), orders, book)


def _allows(order: OrderRule, channel: str) -> bool:
    return channel in order.channels or channel in order.by_person


def _known(means: Means) -> list[str]:
    return [*_HOUSE, *sorted(set(means.channels) - _HOUSE.keys())]


def _concluded(verdicts: tuple[Verdict, ...], orders: Sequence[OrderRule], book: RuleBook) -> Ways:
    """Where nothing is left, the obstacle of the best way that has an address is the reason; a strike before any
    other, since it ends by itself and what waits for that then goes on."""
    taken = {one.channel for one in verdicts if one.planned}
    if not taken:
        closed = [one for one in verdicts if one.offered and not one.on_request]
        reached = [one for one in closed if one.reaches]
        striking = [one for one in reached if one.reason is Reason.CARRIER_SUSPENDED]
        nearest = next(iter(striking or reached), None)
        none = book.obstacle(Obstacle.NO_ADDRESS)
        reason, rule = (nearest.reason, nearest.rule) if nearest else (none.reason, none)
        return Ways(verdicts=verdicts, reason=reason, rule=rule)
    for order in orders:
        if order.same_day and not taken & set(order.same_day):
            return Ways(verdicts=verdicts, reason=Reason.NO_SAME_DAY_WAY, rule=order)
    return Ways(verdicts=verdicts)


@dataclass(frozen=True)
class _Judge:
    """Looks for what keeps an open way from being taken."""

    envelope: Envelope
    book: RuleBook
    means: Means
    gates: Sequence[GateRule]
    opened: Opened | None

    def verdict(self, channel: str, order: OrderRule, *, asked: bool = False) -> Verdict:
        """The channel taken under its order, or what closes it: a gate before anything else. asked: only a person who
        asks for it makes it go that way."""
        way = way_of(self.envelope.participant, self.envelope.recipient, channel)
        if way is None and asked:
            way = asked_way(channel)
        gates = tuple(one for one in self.gates if channel in one.channels and not self._set_aside(one, channel))
        if gates:
            return Verdict(channel=channel, rule=gates[0], reaches=way is not None, reason=gates[0].reason, gates=gates)
        if way is None:
            return self._blocked(channel, Obstacle.NO_ADDRESS, reaches=False)
        if not self._carried(way):
            return self._blocked(channel, Obstacle.ADDRESS_NOT_CARRIED)
        if self._seals(channel) and (locked := self._without_key(way)) is not None:
            return locked
        return self._here(channel, way) or Verdict(channel=channel, rule=order, taken=True, reaches=True)

    def _here(self, channel: str, way: RecipientChannel) -> Verdict | None:
        """What keeps the channel itself from carrying it."""
        limits = self.means.channels.get(channel)
        if limits is None:
            return self._blocked(channel, Obstacle.NOT_SET_UP)
        if channel in self.means.suspended:
            return self._blocked(channel, Obstacle.CARRIER_SUSPENDED)
        return self._too_large(way, limits)

    def _set_aside(self, gate: GateRule, channel: str) -> bool:
        return self.opened is not None and self.opened.sets_aside(gate, channel)

    def _carried(self, way: RecipientChannel) -> bool:
        """As far as it is known before the papers are made: who is named nowhere lends no name here."""
        if way.postal is None or way.type not in MAIL:
            return True
        to, entry = self.envelope.participant, self.envelope.recipient
        name = to.name or (entry.name if entry else None) or to.organization or to.attention or "?"
        organization = to.organization or (entry.organization if entry else None)
        outside = Outside(address=way.postal, name=name, organization=organization, attention=to.attention)
        return address_fault(outside) is None

    def _too_large(self, way: RecipientChannel, limits: WayLimits) -> Verdict | None:
        wire = limits.wire(self.envelope.load.bytes, way)
        if way.type == ChannelName.ENCRYPTED_EMAIL and wire > way.max_message_bytes:
            return self._blocked(way.type, Obstacle.RECIPIENT_LIMIT, size=wire, limit=way.max_message_bytes)
        if limits.max_pages is not None and self.envelope.load.all_pages > limits.max_pages:
            return self._blocked(way.type, Obstacle.CHANNEL_LIMIT)
        if wire > limits.max_bytes:
            return self._blocked(way.type, Obstacle.CHANNEL_LIMIT, size=wire, limit=limits.max_bytes)
        return None

    def _seals(self, channel: str) -> bool:
        """E-mail does, set up or not: that a key is missing is for whoever can ask the recipient for it."""
        limits = self.means.channels.get(channel)
        return channel == ChannelName.ENCRYPTED_EMAIL or (limits is not None and limits.seals)

    def _without_key(self, way: RecipientChannel) -> Verdict | None:
        if way.certificate is None and way.public_key is None:
            return self._blocked(way.type, Obstacle.KEY_MISSING)
        fault = self.means.key_fault(way)
        return None if fault is None else self._blocked(way.type, Obstacle.KEY_UNFIT, reason=fault)

    def _blocked(
        self,
        channel: str,
        obstacle: Obstacle,
        *,
        reaches: bool = True,
        reason: Reason | None = None,
        size: int | None = None,
        limit: int | None = None,
    ) -> Verdict:
        rule = self.book.obstacle(obstacle)
        return Verdict(
            channel=channel, rule=rule, reaches=reaches, reason=reason or rule.reason, size=size, limit=limit
        )


def way_of(participant: Participant, recipient: Recipient | None, channel: str) -> RecipientChannel | None:
    """How the channel reaches them: by the directory, else by the contact in the package, which has no key."""
    if recipient is not None:
        return recipient.channel(channel)
    if channel == ChannelName.HAND_DELIVERY:
        return RecipientChannel(type=channel)
    return None if participant.contact is None else _way_of_contact(participant.contact, channel)


def asked_way(channel: str) -> RecipientChannel | None:
    """How the channel reaches anybody at all, once a person asks for it: by hand, whoever hands it over finds them, as
    in the hearing room, whatever an entry of the directory names. None: it needs an address."""
    return RecipientChannel(type=channel) if channel == ChannelName.HAND_DELIVERY else None


def _way_of_contact(contact: Contact, channel: str) -> RecipientChannel | None:
    way = RecipientChannel(
        type=channel,
        address=contact.email if channel == ChannelName.ENCRYPTED_EMAIL else None,
        number=contact.fax if channel == ChannelName.FAX else None,
        postal=contact.postal if channel in MAIL else None,
    )
    return None if way == RecipientChannel(type=channel) else way
