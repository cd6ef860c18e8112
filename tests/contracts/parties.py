"""What every `Parties` keeps to."""

from dataclasses import replace

from gateway.domain.delivery import DeliveryState
from gateway.domain.outcomes import Division
from gateway.domain.reasons import Reason
from gateway.ports.database import Database
from gateway.ports.parties import StoredParties
from tests.contracts.samples import MINUTE, NOW, a_delivery, a_dispatch, name

FILE = "TC6-12345"


def a_message(sequence: int = 1, *, division: Division = Division.RPD, file: str = FILE) -> StoredParties:
    return StoredParties(
        id=name(),
        division=division,
        file=file,
        source="NOVA",
        sequence=sequence,
        effective_at=NOW - MINUTE,
        received_at=NOW,
        received_by="token:1",
        digest="sha256:00",
        sealed=b"sealed",
    )


class PartiesContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_messages_are_found_by_file_and_sequence(self, database: Database) -> None:
        third, first = a_message(3), a_message(1)
        elsewhere, other = a_message(division=Division.RAD), a_message(file="TC6-99999")
        with database.write() as tx:
            for one in (third, first, elsewhere, other):
                tx.parties.add(one)
            assert tx.parties.of_files(Division.RPD, [FILE]) == [third, first]
            assert tx.parties.of_files(Division.RPD, [FILE, "TC6-99999"]) == [third, first, other]
            assert tx.parties.of_files(Division.RPD, []) == []
            assert tx.parties.find(Division.RPD, FILE, source="NOVA", sequence=3) == third
            assert tx.parties.find(Division.RPD, FILE, source="NOVA", sequence=2) is None
            assert tx.parties.find(Division.RPD, FILE, source="staff", sequence=3) is None
            assert tx.parties.last_sequence(Division.RPD, FILE, source="NOVA") == 3
            assert tx.parties.last_sequence(Division.RPD, FILE, source="staff") == 0

    def test_files_of_which_nothing_came_are_found_and_forgotten_and_their_messages_stay_counted(
        self, database: Database
    ) -> None:
        old, again = a_message(1), replace(a_message(2), received_at=NOW + MINUTE)
        other, elsewhere = a_message(file="TC6-99999"), a_message(division=Division.RAD)
        with database.write() as tx:
            tx.parties.hold()
            for one in (old, again, other, elsewhere):
                tx.parties.add(one)
            assert tx.parties.silent_since(NOW) == []
            assert set(tx.parties.silent_since(NOW + MINUTE)) == {(Division.RPD, "TC6-99999"), (Division.RAD, FILE)}
            assert len(tx.parties.silent_since(NOW + 2 * MINUTE)) == 3
            tx.parties.forget(Division.RPD, FILE)
            assert set(tx.parties.silent_since(NOW + 2 * MINUTE)) == {(Division.RPD, "TC6-99999"), (Division.RAD, FILE)}
            assert tx.parties.of_files(Division.RPD, [FILE, "TC6-99999"]) == [other]
            assert tx.parties.last_sequence(Division.RPD, FILE, source="NOVA") == 2
            assert tx.parties.find(Division.RPD, FILE, source="NOVA", sequence=1) == replace(old, sealed=b"")

    def test_whom_a_delivery_was_planned_for_is_replaced(self, database: Database) -> None:
        dispatch = a_dispatch()
        delivery = a_delivery(dispatch.id)
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            tx.deliveries.add(delivery)
            assert tx.parties.planned(delivery.id) is None
            tx.parties.put_planned(delivery.id, b"one")
            tx.parties.put_planned(delivery.id, b"other")
            assert tx.parties.planned(delivery.id) == b"other"

    def test_what_waits_for_a_reason_is_found(self, database: Database) -> None:
        dispatch, other = a_dispatch(), a_dispatch(division=Division.RAD)
        reason = Reason.PARTIES_NOT_CONFIRMED
        waits = a_delivery(dispatch.id, state=DeliveryState.NEEDS_PERSON, reason=reason)
        moved = replace(waits, id=name(), reason=Reason.ADDRESS_CHANGED)
        elsewhere = a_delivery(other.id, state=DeliveryState.NEEDS_PERSON, reason=reason)
        with database.write() as tx:
            for one in (dispatch, other):
                tx.dispatches.add(one)
            for one_delivery in (waits, moved, elsewhere):
                tx.deliveries.add(one_delivery)
            assert tx.parties.waiting(Division.RPD, reason) == [waits.id]

    def test_what_waits_to_be_sent_about_a_file_is_found(self, database: Database) -> None:
        ours = a_dispatch(files=(FILE, "TC6-55555"))
        alike, elsewhere = a_dispatch(files=("TC6-1234_",)), a_dispatch(files=(FILE,), division=Division.RAD)
        states = (
            DeliveryState.READY,
            DeliveryState.DEFERRED,
            DeliveryState.BATCHED,
            DeliveryState.AWAITING_PERSON,
        )
        waiting = [a_delivery(ours.id, state=state, plan=("fax",)) for state in states]
        others = [
            a_delivery(ours.id, state=DeliveryState.HANDED_OVER),
            a_delivery(ours.id, state=DeliveryState.AWAITING_PERSON, reason=Reason.ADDRESS_CHANGED),
            a_delivery(alike.id, state=DeliveryState.READY),
            a_delivery(elsewhere.id, state=DeliveryState.READY),
        ]
        with database.write() as tx:
            for one in (ours, alike, elsewhere):
                tx.dispatches.add(one)
            for one_delivery in (*waiting, *others):
                tx.deliveries.add(one_delivery)
            found = tx.parties.to_be_sent(Division.RPD, FILE)
            assert [one.id for one in found] == [one.id for one in waiting]
            assert found[0].plan == ("fax",)
            assert tx.parties.to_be_sent(Division.RPD, "TC6-1234") == []
            assert tx.parties.to_be_sent(Division.RPD, "TC6-1234%") == []
