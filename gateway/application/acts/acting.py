"""Whatever a person does with a delivery (INTERFACE.md, `gateway resolve`), asked the same way by every door."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.application.acts.contact_json import read_contact
from gateway.application.acts.override import ProposeOverride
from gateway.application.acts.readdress import Readdress
from gateway.application.acts.reroute import Reroute
from gateway.application.acts.resolve import Resolve
from gateway.application.acts.service_record import HandService, RecordService
from gateway.application.acts.told_receipt import RecordReceipt, ToldReceipt
from gateway.application.exchange.clerks_work import ConfirmUpload, Upload
from gateway.application.people.own_offices import OwnOffices
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.parties import ChannelName
from gateway.domain.problem import InputRefused


@dataclass(frozen=True, kw_only=True)
class AskedAct:
    """What is asked for. channel: of a reroute, and of what the recipient says they have. override: by a channel that
    the rules close, which takes two. recipient, contact: another address, by an entry of the directory or as JSON.
    at, place, handed_to, proof: of a service by hand, and all but the place of what the recipient says. conversation,
    proof: of an upload that a clerk made."""

    action: Action
    reason: str
    channel: str | None = None
    override: bool | None = None
    recipient: str | None = None
    contact: bytes | None = None
    at: dt.datetime | None = None
    place: str | None = None
    handed_to: str | None = None
    proof: bytes | None = None
    conversation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Acted:
    """The delivery as it stands now. proposal: what waits for a second person, where the act takes two."""

    delivery: Delivery
    proposal: str | None = None


class Act:
    """Does what is asked, if all is said that it needs and nothing else."""

    def __init__(
        self,
        *,
        resolve: Resolve,
        reroute: Reroute,
        override: ProposeOverride,
        readdress: Readdress,
        record_service: RecordService,
        record_receipt: RecordReceipt,
        own_offices: OwnOffices,
        confirm_upload: ConfirmUpload | None = None,
    ) -> None:
        """confirm_upload: None where nothing is uploaded by clerks."""
        self._confirm_upload = confirm_upload
        self._resolve = resolve
        self._reroute = reroute
        self._override = override
        self._readdress = readdress
        self._record_service = record_service
        self._record_receipt = record_receipt
        self._own_offices = own_offices

    def __call__(self, delivery_id: str, asked: AskedAct, *, actor: str) -> Acted:
        """The delivery after the act.

        Raises InputRefused (request.invalid: something is missing, or does not belong to the act), and what
        `Resolve`, `Reroute`, `ProposeOverride`, `Readdress`, `RecordService` and `RecordReceipt`
        raise. Of another office than the actor's: NotAllowed (account.other-office).
        """
        self._own_offices.check(delivery_id, actor)
        if asked.action is Action.REROUTE and asked.channel is not None:
            _only(asked, {"channel", "override"})
            return self._by(asked.channel, delivery_id, asked, actor)
        if asked.action is Action.RECORD_SERVICE and (told := _told(asked)) is not None:
            _only(asked, {"channel", "at", "handed_to", "proof"})
            return Acted(delivery=self._record_receipt(delivery_id, told, actor=actor, reason=asked.reason))
        if asked.action is Action.RECORD_SERVICE and (service := _service(asked)) is not None:
            _only(asked, {"channel", "at", "place", "handed_to", "proof"})
            return Acted(delivery=self._record_service(delivery_id, service, actor=actor, reason=asked.reason))
        if asked.action is Action.CONFIRM_SENT and self._confirm_upload and (upload := _upload(asked)) is not None:
            _only(asked, {"conversation", "proof"})
            confirmed = self._confirm_upload(delivery_id, upload, actor=actor, reason=asked.reason)
            return Acted(delivery=confirmed)
        if (belongs := _ADDRESSES.get(asked.action, set())) and _is_one_address(asked):
            _only(asked, belongs)
            return self._to_another(delivery_id, asked, actor)
        needed = _NEEDED.get(asked.action)
        if needed is not None:
            raise InputRefused(Code.REQUEST_INVALID, where=asked.action.value, expected=needed)
        _only(asked, set())
        return Acted(delivery=self._resolve(delivery_id, asked.action, actor=actor, reason=asked.reason))

    def _by(self, channel: str, delivery_id: str, asked: AskedAct, actor: str) -> Acted:
        if not asked.override:
            return Acted(delivery=self._reroute(delivery_id, channel, actor=actor, reason=asked.reason))
        delivery, made = self._override(delivery_id, channel, actor=actor, reason=asked.reason)
        return Acted(delivery=delivery, proposal=made.proposal)

    def _to_another(self, delivery_id: str, asked: AskedAct, actor: str) -> Acted:
        contact = read_contact(asked.contact) if asked.contact is not None else None
        delivery, made = self._readdress(
            delivery_id, asked.action, recipient=asked.recipient, contact=contact, actor=actor, reason=asked.reason
        )
        return Acted(delivery=delivery, proposal=made.proposal)


_NEEDED = {
    Action.REROUTE: "channel",
    Action.RECORD_SERVICE: "at, handed-to, file, place | channel",
    Action.CORRECT_ADDRESS: "file",
    Action.REPLACE_RECIPIENT: "recipient",
    Action.RE_SERVE: "file | recipient",
}
_ADDRESSES = {
    Action.CORRECT_ADDRESS: {"contact"},
    Action.REPLACE_RECIPIENT: {"recipient"},
    Action.RE_SERVE: {"contact", "recipient"},
}
"""What each act may name another address by."""
_OPTIONAL = ("channel", "override", "recipient", "contact", "at", "place", "handed_to", "proof", "conversation")


def _is_one_address(asked: AskedAct) -> bool:
    return (asked.recipient is None) != (asked.contact is None)


def _only(asked: AskedAct, belongs: set[str]) -> None:
    for name in _OPTIONAL:
        if name not in belongs and getattr(asked, name) is not None:
            raise InputRefused(Code.REQUEST_INVALID, where=name, expected=asked.action.value)


def _upload(asked: AskedAct) -> Upload | None:
    """None where something is not said."""
    if asked.conversation is None or asked.proof is None:
        return None
    return Upload(conversation=asked.conversation, proof=asked.proof)


def _told(asked: AskedAct) -> ToldReceipt | None:
    """What the recipient says they have by another channel than by hand; None where something is not said."""
    by_hand = asked.channel in {None, ChannelName.HAND_DELIVERY}
    if asked.channel is None or by_hand or asked.at is None or asked.handed_to is None or asked.proof is None:
        return None
    return ToldReceipt(channel=asked.channel, at=asked.at, told_by=asked.handed_to, proof=asked.proof)


def _service(asked: AskedAct) -> HandService | None:
    """None where something is not said."""
    if asked.channel not in {None, ChannelName.HAND_DELIVERY}:
        return None
    if asked.at is None or asked.place is None or asked.handed_to is None or asked.proof is None:
        return None
    return HandService(at=asked.at, place=asked.place, handed_to=asked.handed_to, proof=asked.proof)


def acted_view(acted: Acted) -> Mapping[str, object]:
    """The answer, the same by every door; `proposal` is there where something waits for a second person."""
    delivery = acted.delivery
    answer = {"delivery": delivery.id, "state": delivery.state.value, "plan": list(delivery.plan)}
    return answer if acted.proposal is None else answer | {"proposal": acted.proposal}
