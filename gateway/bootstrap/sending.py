"""Joins what sends, and records how that ended."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import ceil

from gateway.application.identifiers import check_fax_number
from gateway.application.papers.first_pages import FirstPages
from gateway.application.rules import retry_policy
from gateway.application.sending.attempt_record import Announce, RecordEnd, Timing
from gateway.application.sending.attempts import Cover, MakeAttempt, no_cover
from gateway.application.sending.deliver import ClaimDeliveries
from gateway.bootstrap.base import Base
from gateway.bootstrap.mail_room import envelopes, reach
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.ports.channels import Channel
from gateway.settings import Settings
from templates.printer import PaperPrinter

_SIGNED = frozenset({ChannelName.FAX.value, ChannelName.HAND_DELIVERY.value})
"""Channels whose papers have a page before them that asks to be signed."""


def check_lease(settings: Settings, channels: Iterable[Channel]) -> None:
    """A lease that ends during a send makes two things of one: an end for a person to settle, and the real one.

    Raises SetupWrong (settings.invalid).
    """
    for channel in channels:
        able = channel.capabilities
        # A lease is renewed when the send begins. It must outlast the send, and before it the sends that go first;
        # half as long again to prepare and record.
        sends = max(1, ceil(settings.work.concurrency / able.side_by_side) - 1)
        if settings.work.lease < able.time_limit * (sends + 0.5):
            raise SetupWrong(Code.SETTINGS_INVALID, where="work.lease", channel=channel.name)


def claim(base: Base) -> ClaimDeliveries:
    return ClaimDeliveries(
        database=base.database,
        channels=base.channels,
        destinations=base.destinations,
        lease=base.settings.work.lease,
        clock=base.clock,
    )


def make_deliver(base: Base) -> Callable[[Announce], MakeAttempt]:
    """What makes attempts, given what hears of outages."""
    return partial(_deliver, base, _first_pages(base).page if _SIGNED & base.channels.keys() else no_cover)


def _deliver(base: Base, cover: Cover, announce: Announce) -> MakeAttempt:
    work, reached = base.settings.work, reach(base)
    return MakeAttempt(
        database=base.database,
        vault=base.vault,
        channels=base.channels,
        record=_record_end(base, announce),
        lease=work.lease,
        standing=base.trust.protector.standing,
        keep=base.trust.status.keep,
        reach=reached,
        exchange_way=reached.exchange_way,
        clock=base.clock,
        large=base.large,
        cover=cover,
        envelope=envelopes(base),
    )


def _first_pages(base: Base) -> FirstPages:
    return FirstPages(
        database=base.database,
        open_case=base.open_case,
        directory=base.trust.directory,
        printer=PaperPrinter(),
        clock=base.clock,
        fax_numbers=_fax_numbers(base.settings),
    )


def _fax_numbers(settings: Settings) -> Mapping[str, str]:
    """Raises SetupWrong (settings.invalid) for what no fax can reach: the page would come back to nobody."""
    for office, number in settings.receipt.fax_numbers.items():
        try:
            check_fax_number(number)
        except ValueError:
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"receipt.fax_numbers.{office}") from None
    return settings.receipt.fax_numbers


def _record_end(base: Base, announce: Announce) -> RecordEnd:
    work = base.settings.work
    return RecordEnd(
        database=base.database,
        vault=base.vault,
        channels=base.channels,
        destinations=base.destinations,
        policy=retry_policy,
        turn=base.turn_times,
        timing=Timing(lease=work.lease, pause=work.misconfigured_pause),
        clock=base.clock,
        announce=announce,
    )
