"""A recipient's key that may not be used: the delivery goes the next way of its plan or to a person, never weaker."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.delivery import DeliveryState
from gateway.domain.events import EventName
from gateway.domain.failures import Refused
from gateway.domain.reasons import Reason
from gateway.domain.trust import Revocation
from gateway.ports.keys import KeyStanding
from keys.trusting_protector import REASONS
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel

STANDING = KeyStanding(fingerprint="12" * 32, anchor="34" * 32, revocation=Revocation.GOOD, responses=(b"list",))


def ready(folder: Path, standing: KeyStanding | Refused, *plan: str) -> tuple[Stage, FakeChannel, str]:
    """A delivery due by the channels of the plan, whose recipient's key stands so."""
    channel = FakeChannel()
    on = Stage(folder, channel)
    on.key_standing = standing
    delivery = on.ready()
    with on.database.write() as tx:
        tx.deliveries.save(replace(delivery, plan=plan))
    return on, channel, delivery.id


@pytest.mark.parametrize("reason", sorted(REASONS.values()))
def test_a_key_fault_moves_the_delivery_on_and_nothing_is_made_or_sent(tmp_path: Path, reason: Reason) -> None:
    on, channel, delivery = ready(tmp_path, Refused(reason=reason), "encrypted-email", "courier")
    assert on.deliver() == 1
    after = on.delivery(delivery)
    assert (after.state, after.channel, channel.consigned, channel.sent) == (DeliveryState.READY, "courier", [], [])
    (attempt,) = on.attempts(delivery)
    assert (attempt.reason, attempt.started_at) == (reason, None)
    on.close()


@pytest.mark.parametrize("reason", sorted(REASONS.values()))
def test_a_key_fault_on_the_last_way_goes_to_a_person(tmp_path: Path, reason: Reason) -> None:
    on, channel, delivery = ready(tmp_path, Refused(reason=reason), "encrypted-email")
    on.deliver()
    after = on.delivery(delivery)
    assert (after.state, after.reason, channel.sent) == (DeliveryState.NEEDS_PERSON, reason, [])
    on.close()


def test_what_a_sending_relied_on_is_recorded_before_it_leaves_and_kept(tmp_path: Path) -> None:
    on, channel, delivery = ready(tmp_path, STANDING, "encrypted-email")
    on.deliver()
    assert len(channel.sent) == 1
    with on.database.read() as tx:
        events = tx.records.events(on.delivery(delivery).dispatch)
    (relied,) = [one for one in events if one.name is EventName.KEY_RELIED_ON]
    assert (relied.facts["certificate"], relied.facts["revocation"]) == (STANDING.fingerprint, "good")
    assert on.kept == [b"list"]
    on.close()
