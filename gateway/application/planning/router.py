"""Routing with everything it asks: the rules, the directory, the channels that are set up, keys at this moment."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gateway.application.recipients.directory import RecipientDirectory
from gateway.domain.case_facts import CaseFacts, ServedBefore
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import ChannelName, RecipientChannel
from gateway.domain.problem import InputRefused
from gateway.domain.provision import Provision, provisions
from gateway.domain.reasons import Reason
from gateway.domain.routing import PlannedDelivery, plan
from gateway.domain.rules.book import RuleBook
from gateway.domain.ways import DocumentSize, Envelope, Load, Means, Opened, WayLimits, Ways, ways_to
from gateway.ports.channels import Channel, MessageProtector
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.papers import PageCount, RenderedDocument

_NEVER_HAD_IT = frozenset({DeliveryState.NEEDS_PERSON, DeliveryState.RECALLED, DeliveryState.CANCELLED})


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What there is to send with. count_pages: of a PDF; slow, so that it is asked where a page limit may matter."""

    channels: Mapping[str, Channel]
    protector: MessageProtector
    count_pages: PageCount
    suspended: Callable[[], frozenset[str]]
    """Channels whose carrier does not deliver now."""


class Router:
    """Plans packages. Everything is looked up anew each time: keys expire, rules are the home's own."""

    def __init__(
        self,
        book: RuleBook,
        *,
        database: Database,
        directory: RecipientDirectory,
        sending: Sending,
        today: Callable[[str, dt.datetime], dt.date],
        clock: Clock,
    ) -> None:
        self._book = book
        self._database = database
        self._directory = directory
        self._sending = sending
        self._today = today
        self._clock = clock

    @property
    def rules(self) -> RuleBook:
        """The rules by which it plans."""
        return self._book

    def plan(
        self,
        decision: DecisionPackage,
        members: Mapping[str, bytes],
        opened: Mapping[str, Opened] = MappingProxyType({}),
    ) -> tuple[PlannedDelivery, ...]:
        """Who would get what by which channels now, and why. opened: what two people opened, by participant."""
        directory = self._directory.for_package(decision)
        case = CaseFacts(
            package=decision,
            book=self._book,
            today=self._today(decision.office, self._clock.now()),
            organizations=directory.organizations(decision),
            served_before=self._served_before(decision),
        )
        return plan(case, directory, self._means(self._sizes(decision, members)), opened)

    def provision(self, decision: DecisionPackage, participant_id: str) -> Provision | None:
        """What one participant is provided with, listed or not; None when nobody has that id."""
        today = self._today(decision.office, self._clock.now())
        case = CaseFacts(package=decision, book=self._book, today=today, served_before=self._served_before(decision))
        return next((one for one in provisions(case) if participant_id in one.members), None)

    def load(self, decision: DecisionPackage, members: Mapping[str, bytes], provision: Provision) -> Load:
        """What an envelope will weigh, as far as it is known before its papers are made."""
        return self._means(self._sizes(decision, members)).load(provision.documents)

    def ways_of(
        self,
        delivery: Delivery,
        provision: Provision,
        documents: Sequence[RenderedDocument],
        opened: Opened | None,
    ) -> Ways:
        """The ways of papers that are made, whose size and pages are known for certain."""
        size, pages = sum(len(one.content) for one in documents), max((one.pages or 0 for one in documents), default=0)
        all_pages = sum(one.pages or 0 for one in documents)
        return self.ways_under(delivery, provision, Load(bytes=size, pages=pages, all_pages=all_pages), opened)

    def ways_under(self, delivery: Delivery, provision: Provision, load: Load, opened: Opened | None) -> Ways:
        """The ways of an envelope that weighs this, under what two people opened for it."""
        envelope = Envelope(
            participant=provision.participant,
            recipient=self._directory.get(delivery.recipient),
            facts=provision.facts,
            load=load,
        )
        return ways_to(envelope, self._book, self._means({}), opened)

    def _means(self, sizes: Mapping[str, DocumentSize]) -> Means:
        able = {name: one.capabilities for name, one in self._sending.channels.items()}
        limits = {
            name: WayLimits(
                max_bytes=one.max_bytes,
                growth=one.growth,
                growth_under=one.growth_under,
                max_pages=one.max_pages,
                seals=one.seals,
            )
            for name, one in able.items()
        }
        return Means(channels=limits, key_fault=self._key_fault, suspended=self._sending.suspended(), sizes=sizes)

    def _key_fault(self, way: RecipientChannel) -> Reason | None:
        refused = self._sending.protector.check(way, self._clock.now())
        return refused.reason if refused else None

    def _sizes(self, decision: DecisionPackage, members: Mapping[str, bytes]) -> Mapping[str, DocumentSize]:
        return {
            one.path: DocumentSize(bytes=len(members[one.path]), pages=self._pages(one.path, one.media_type, members))
            for one in decision.documents
        }

    def _pages(self, path: str, media_type: str, members: Mapping[str, bytes]) -> int | None:
        """Counted only where faxes go out; what cannot be counted is refused when it is rendered."""
        if media_type != "application/pdf" or ChannelName.FAX not in self._sending.channels:
            return None
        try:
            return self._sending.count_pages(members[path], path)
        except InputRefused:
            return None

    def _served_before(self, decision: DecisionPackage) -> tuple[ServedBefore, ...]:
        """Who had the decision that this later package belongs to, if that came through this gateway."""
        if decision.relation is None:
            return ()
        with self._database.look_up() as tx:
            earlier = tx.dispatches.by_package(decision.relation.of)
            deliveries = tx.deliveries.of_dispatch(earlier.id) if earlier else ()
        return tuple(
            ServedBefore(participant=one.participant, roles=one.roles, recipient=one.recipient)
            for one in deliveries
            if one.state not in _NEVER_HAD_IT
        )
