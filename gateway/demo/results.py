"""What became of each package: the gateway's own view of it, beside what each recipient found in the mailbox."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.bootstrap import key_folder
from gateway.demo.counsel import OPENED_WITH, collect_as_counsel
from gateway.demo.decisions import Written
from gateway.demo.inbox import Check, CheckFailed, Expected, OpenedDocument, key_name, open_as_recipient
from gateway.demo.stage import Stage
from gateway.domain.delivery import Attempt, Delivery, DeliveryState, ResultName
from gateway.domain.dispatch import Dispatch
from gateway.domain.parties import ChannelName, Recipient
from gateway.ports.records import RenderedRecord
from keys.credentials import passphrase
from keys.own import load_own_keys

CAME = {DeliveryState.HANDED_OVER, DeliveryState.DELIVERED}
"""A mail server took it; its recipient did, and the exchange knows who that is."""


@dataclass(frozen=True, kw_only=True)
class DeliveryResult:
    """One participant: what they opened, with which key, how long after the package was accepted; or the check that
    failed. A delivery that waits for a person has neither."""

    delivery: Delivery
    recipient: Recipient | None
    documents: Sequence[OpenedDocument] = ()
    opened_with: str | None = None
    handed_over_after: dt.timedelta | None = None
    failed: Check | None = None

    @property
    def good(self) -> bool:
        """Handed over, opened and the same; or with a person, who is told why."""
        if self.delivery.state is DeliveryState.NEEDS_PERSON:
            return self.delivery.reason is not None
        return self.delivery.state in CAME and bool(self.documents) and self.failed is None


@dataclass(frozen=True, kw_only=True)
class PackageResult:
    """One package with its deliveries."""

    written: Written
    dispatch: Dispatch
    deliveries: Sequence[DeliveryResult]


def collect(stage: Stage, taken: Sequence[tuple[Written, str]]) -> Sequence[PackageResult]:
    """What became of the packages. `taken`: each decision with the id of its dispatch."""
    opener = _Opener(stage)
    results = []
    for written, dispatch_id in taken:
        with stage.gateway.database.read() as tx:
            dispatch = tx.dispatches.get(dispatch_id)
            deliveries = tx.deliveries.of_dispatch(dispatch_id)
            attempts = tx.deliveries.attempts_of([one.id for one in deliveries])
            papers = {one.id: tx.records.documents(one.id) for one in deliveries}
        results.append(
            PackageResult(
                written=written,
                dispatch=dispatch,
                deliveries=[
                    opener.result(written, dispatch, one, attempts.get(one.id, ()), papers[one.id])
                    for one in deliveries
                ],
            )
        )
    return results


class _Opener:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        gateway = stage.gateway
        self._mail_ca = load_own_keys(key_folder(stage.home, gateway.settings), passphrase()).mail_ca

    def result(
        self,
        written: Written,
        dispatch: Dispatch,
        delivery: Delivery,
        attempts: Sequence[Attempt],
        papers: Sequence[RenderedRecord],
    ) -> DeliveryResult:
        recipient = self._stage.directory.get(delivery.recipient or "")
        sent = next((one for one in attempts if one.result is ResultName.HANDED_OVER), None)
        if sent is None or sent.finished_at is None or recipient is None:
            return DeliveryResult(delivery=delivery, recipient=recipient)
        after = sent.finished_at - dispatch.accepted_at
        if delivery.channel == ChannelName.SECURE_UPLOAD:
            return self._collected(delivery, recipient, after, [one.digest for one in papers if one.kind is not None])
        reader = self._stage.readers[recipient.id]
        way = recipient.channel(ChannelName.ENCRYPTED_EMAIL)
        expected = Expected(
            reference=sent.reference,
            address=(way.address if way else None) or "",
            sent=sent.sent_digest or "",
            documents=[one.digest for one in papers if one.kind is not None],
            never_outside=[*dispatch.files, *(one.family_name for one in written.decision.persons)],
        )
        try:
            documents = open_as_recipient(self._stage.mail.mailbox.messages, expected, reader, self._mail_ca)
        except CheckFailed as failure:
            return DeliveryResult(delivery=delivery, recipient=recipient, handed_over_after=after, failed=failure.check)
        return DeliveryResult(
            delivery=delivery,
            recipient=recipient,
            documents=documents,
            opened_with=key_name(reader),
            handed_over_after=after,
        )

    def _collected(
        self, delivery: Delivery, recipient: Recipient, after: dt.timedelta, expected: list[str]
    ) -> DeliveryResult:
        gateway = self._stage.gateway
        result = DeliveryResult(delivery=delivery, recipient=recipient, handed_over_after=after)
        try:
            documents = collect_as_counsel(
                gateway, self._stage.mail.mailbox, self._stage.counsel, delivery=delivery.id, expected=expected
            )
        except CheckFailed as failure:
            return replace(result, failed=failure.check)
        with gateway.database.read() as tx:
            since = tx.deliveries.get(delivery.id)
        return replace(result, delivery=since, documents=documents, opened_with=OPENED_WITH)
