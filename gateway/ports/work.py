"""Dispatches, deliveries and attempts as rows that are claimed, worked on and finished."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence, Set
from typing import Protocol
from uuid import UUID

from gateway.domain.delivery import Attempt, Delivery, DeliveryState
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.outcomes import Division
from gateway.domain.reasons import Reason


class LeaseLost(Exception):  # noqa: N818
    """Another worker took the row over: what was done under the old fence is not recorded."""


class Dispatches(Protocol):
    """Accepted packages."""

    def add(self, dispatch: Dispatch) -> None:
        """Raises Conflict (package.conflict) when the package id is there already."""
        ...

    def get(self, dispatch_id: str, *, lock: bool = False) -> Dispatch:
        """Raises NoSuchThing (dispatch.unknown). `lock`: until the transaction ends nobody else writes it."""
        ...

    def by_package(self, package_id: UUID) -> Dispatch | None:
        """The dispatch of that package, if it was accepted before."""
        ...

    def by_digest(self, digest: str) -> Dispatch | None:
        """The dispatch of a package with exactly these bytes, if it was accepted before."""
        ...

    def of_file(self, file: str, *, division: Division | None = None) -> Sequence[Dispatch]:
        """Those about the file, the newest first."""
        ...

    def newest(self, limit: int) -> Sequence[Dispatch]:
        """The newest first."""
        ...

    def claim(self, step: Step, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> Sequence[Dispatch]:
        """Takes due rows of the step that nobody holds, earliest due first: fence and attempts grown, lease set."""
        ...

    def due(self, step: Step, *, now: dt.datetime, limit: int) -> Sequence[str]:
        """The ids that `claim` would take, earliest due first. Takes nothing."""
        ...

    def save(self, dispatch: Dispatch) -> None:
        """Writes step, due, attempts, next action and lease. Raises LeaseLost when the fence is no longer newest."""
        ...

    def kept(self, *, accepted_before: dt.datetime) -> Sequence[str]:
        """The ids of those accepted before that moment whose data key is still there, the oldest first."""
        ...

    def with_remains(self) -> Sequence[str]:
        """The ids of those whose package expired and whose evidence did not, the oldest first."""
        ...

    def files_kept(self) -> Set[tuple[Division, str]]:
        """The files of those whose data key is still there."""
        ...

    def waiting_by_submitter(self) -> Mapping[str, int]:
        """How many wait to be planned or rendered, by who submitted them."""
        ...

    def count_by_step(self) -> Mapping[Step, int]:
        """How many dispatches stand at each step."""
        ...


class Deliveries(Protocol):
    """Deliveries and their attempts."""

    def add(self, *deliveries: Delivery) -> None:
        """New deliveries, in the order they were planned."""
        ...

    def get(self, delivery_id: str, *, lock: bool = False) -> Delivery:
        """Raises NoSuchThing (delivery.unknown). `lock`: until the transaction ends nobody else writes it."""
        ...

    def held(self, delivery_ids: Sequence[str]) -> Mapping[str, Delivery]:
        """Those of them that there are; until the transaction ends nobody else writes them."""
        ...

    def of_dispatch(self, dispatch_id: str) -> Sequence[Delivery]:
        """In the order they were planned."""
        ...

    def of_dispatches(self, dispatch_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        """The same for several dispatches with one query."""
        ...

    def find(
        self, *, state: DeliveryState | None, channel: str | None, limit: int, reasons: Collection[Reason] = ()
    ) -> Sequence[Delivery]:
        """The work list: by due date, then by age. reasons: where given, those alone that stand for one of them."""
        ...

    def waiting(self) -> Sequence[str]:
        """The destinations that some delivery is to go to, now or later, by name."""
        ...

    def waiting_for(self, destination: str) -> Sequence[Delivery]:
        """Those that are to go there, now or later, earliest due first. Takes nothing."""
        ...

    def in_flight(self, destination: str) -> int:
        """How many deliveries there are `sending`, whoever holds them."""
        ...

    def claim(self, destination: str, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> Sequence[Delivery]:
        """Takes due deliveries to go there (`ready` or `deferred`, next action reached, channel not paused),
        earliest due first: state `sending`, fence and attempts grown, lease set."""
        ...

    def due(self, *, now: dt.datetime, limit: int) -> Sequence[str]:
        """The ids that `claim` would take, for each destination the earliest due first. Takes nothing."""
        ...

    def lapsed(self, *, now: dt.datetime, limit: int, lock: bool = False) -> Sequence[Delivery]:
        """Deliveries in `sending` whose lease ran out, the longest ago first; with `lock` those that nobody else holds
        at this moment, held until the transaction ends. Whoever takes one over saves it with its fence grown by one:
        then the former holder, should it still be alive, can record nothing more."""
        ...

    def unsettled(self, *, now: dt.datetime, limit: int) -> Sequence[Delivery]:
        """What left us (`STANDING`), is not settled, and has no next action or one that is reached."""
        ...

    def go_to_server(self, recipient: str, server: str | None) -> int:
        """The recipient's deliveries that wait to be sent go to that server of their own from now on, where uploads for
        them are in use or come later; how many. What is `sending` is not touched."""
        ...

    def save(self, delivery: Delivery) -> None:
        """Writes all that can change; the fence may grow. Raises LeaseLost when a newer fence than the delivery's
        stands."""
        ...

    def owed_to(self, recipient: str) -> Sequence[Delivery]:
        """The recipient's deliveries of which nothing is known to have been sent, by due date."""
        ...

    def count_by_state(self) -> Mapping[DeliveryState, int]:
        """How many deliveries stand in each state."""
        ...

    def count_overdue(self) -> Mapping[str, int]:
        """How many stand with the reason `receipt.overdue`, by channel: sent, for a person to see to."""
        ...

    def unconfirmed(self, *, now: dt.datetime, limit: int) -> Sequence[Delivery]:
        """What may have been sent and whose time for a report is over, earliest due first."""
        ...

    def count_waiting_for_report(self) -> int:
        """How many may have been sent and still have time for a report."""
        ...

    def forgotten(self, *, limit: int) -> Sequence[Delivery]:
        """Deliveries that nothing would move again: to be planned of a dispatch whose steps are done, or to go by no
        channel. There should be none."""
        ...

    def next_action_at(self) -> dt.datetime | None:
        """The earliest moment at which a dispatch or delivery will be due or a lease will run out, if any."""
        ...

    def add_attempt(self, attempt: Attempt) -> None:
        """A new attempt, written in the transaction of its claim."""
        ...

    def start_attempt(
        self, attempt: Attempt, *, now: dt.datetime, lease: dt.timedelta, sent_digest: str, sent_object: str
    ) -> None:
        """Marks the attempt as about to touch the network and renews the lease.

        Raises LeaseLost when the delivery's fence is newer than the attempt's or its lease ran out: then nothing
        may be sent.
        """
        ...

    def end_attempt(self, attempt: Attempt) -> None:
        """Writes finished_at, result, reason and words of the attempt."""
        ...

    def attempts(self, delivery_id: str) -> Sequence[Attempt]:
        """All attempts of the delivery, oldest first."""
        ...

    def attempts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[Attempt]]:
        """The same for several deliveries with one query."""
        ...

    def by_tokens(self, tokens: Sequence[str]) -> Sequence[Attempt]:
        """The attempts whose reference bears one of the tokens (`gateway.domain.reference`), oldest first."""
        ...
