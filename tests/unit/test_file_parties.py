"""What the Registry said after a package was signed, held against whom a delivery was planned for."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.file_parties import (
    PartiesMessage,
    PartyChange,
    PlannedFor,
    Sending,
    as_they_stand,
    designation_ended,
    held_back,
)
from gateway.domain.outcomes import Division
from gateway.domain.parties import Contact, Designation, Electronic, OfRecord, Participant, Removal, Role
from gateway.domain.reasons import Reason
from tests.unit.routed import package

SIGNED = dt.datetime(2026, 11, 20, 20, 4, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
COUNSEL = Participant(id="c1", roles=(Role.COUNSEL,), represents=("p1",), recipient="counsel-12345p")
PLANNED = PlannedFor(participant=COUNSEL, as_of=SIGNED, known=("m1", "c1", "a1"))
SENDING = Sending(
    channel="encrypted-email", now=NOW, today=NOW.date(), confirmed_at=SIGNED, max_age=dt.timedelta(days=30)
)
BY_CLIENT = OfRecord(removal=Removal.BY_CLIENT)
REFUSES = Electronic(accepts=False)


def said(*changes: PartyChange, at: dt.datetime = SIGNED + DAY, sequence: int = 1, **more: Any) -> PartiesMessage:
    return PartiesMessage(
        schema="file-parties/1",
        division=Division.RPD,
        sequence=sequence,
        effective_at=at,
        source="NOVA",
        changes=changes,
        **more,
    )


def of(participant: str = "c1", **change: Any) -> PartyChange:
    return PartyChange(participant=participant, **change)


def planned(**changes: Any) -> PlannedFor:
    return replace(PLANNED, participant=replace(COUNSEL, **changes))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (of(of_record=BY_CLIENT), Reason.COUNSEL_REMOVED),
        (of(of_record=OfRecord(removal=Removal.GRANTED)), Reason.COUNSEL_REMOVED),
        (of(of_record=OfRecord(until=dt.date(2026, 11, 24))), Reason.COUNSEL_REMOVED),
        (of(of_record=OfRecord(removal=Removal.REQUESTED)), None),
        (of(of_record=OfRecord(until=dt.date(2026, 11, 25))), None),
        (of(electronic=REFUSES), Reason.CONSENT_WITHDRAWN),
        (of(electronic=Electronic(accepts=True, withdrawn_at=NOW)), Reason.CONSENT_WITHDRAWN),
        (of(electronic=Electronic(accepts=True, withdrawn_at=NOW + DAY)), None),
        (of(recipient="counsel-elsewhere"), Reason.ADDRESS_CHANGED),
        (of(contact=Contact(email="new@mail.example")), Reason.ADDRESS_CHANGED),
        (of(recipient="counsel-12345p"), None),
        (of("a1", recipient="elsewhere"), None),
        (of("c2", roles=(Role.COUNSEL,), represents=("p1",)), Reason.PARTY_ADDED),
        (of("c2", roles=(Role.COUNSEL,), represents=("p9",)), None),
        (of("c2", roles=(Role.COUNSEL,)), Reason.PARTY_ADDED),
    ],
)
def test_a_change_since_the_signature_holds_back_what_was_planned_otherwise(
    change: PartyChange, reason: Reason | None
) -> None:
    assert held_back(PLANNED, [said(change)], SENDING) is reason


def test_without_any_message_what_was_planned_goes() -> None:
    assert held_back(PLANNED, [], SENDING) is None


def test_a_consent_withdrawn_closes_the_electronic_ways_alone() -> None:
    withdrawn = [said(of(electronic=REFUSES))]
    for channel in ("encrypted-email", "secure-upload"):
        assert held_back(PLANNED, withdrawn, replace(SENDING, channel=channel)) is Reason.CONSENT_WITHDRAWN
    for channel in ("courier", "regular-mail", "fax", "hand-delivery"):
        assert held_back(PLANNED, withdrawn, replace(SENDING, channel=channel)) is None


class TestWhoseWordIsNewer:
    """The package speaks of the moment it was signed."""

    @pytest.mark.parametrize("at", [SIGNED - DAY, NOW + DAY])
    def test_what_is_older_than_the_signature_or_not_in_force_yet_changes_nothing(self, at: dt.datetime) -> None:
        assert held_back(PLANNED, [said(of(of_record=BY_CLIENT), at=at)], SENDING) is None

    def test_consent_that_the_package_says_was_given_again_stands(self) -> None:
        again = planned(electronic=Electronic(accepts=True, consent=dt.date(2026, 11, 23)))
        assert held_back(again, [said(of(electronic=REFUSES), at=SIGNED + DAY)], SENDING) is None
        assert (
            held_back(again, [said(of(electronic=REFUSES), at=SIGNED + 4 * DAY)], SENDING) is Reason.CONSENT_WITHDRAWN
        )

    def test_counsel_who_is_of_record_again_stands(self) -> None:
        again = planned(of_record=OfRecord(since=dt.date(2026, 11, 24)))
        assert held_back(again, [said(of(of_record=OfRecord(until=dt.date(2026, 11, 22))))], SENDING) is None

    def test_the_last_word_counts_whatever_order_the_words_came_in(self) -> None:
        gone = said(of(electronic=REFUSES), at=SIGNED + DAY, sequence=1)
        back = said(of(electronic=Electronic(accepts=True)), at=SIGNED + 2 * DAY, sequence=2)
        assert held_back(PLANNED, [gone, back], SENDING) is held_back(PLANNED, [back, gone], SENDING) is None

    def test_a_return_to_the_address_of_the_papers_is_no_change(self) -> None:
        away = said(of(recipient="elsewhere"), sequence=1)
        home = said(of(recipient="counsel-12345p"), at=SIGNED + 2 * DAY, sequence=2)
        assert held_back(PLANNED, [home, away], SENDING) is None


class TestConfirmation:
    """How old the last word may be."""

    @pytest.mark.parametrize(
        ("max_age", "reason"),
        [(4 * DAY, Reason.PARTIES_NOT_CONFIRMED), (5 * DAY, None), (dt.timedelta(0), None)],
    )
    def test_a_word_too_old_is_none(self, max_age: dt.timedelta, reason: Reason | None) -> None:
        assert held_back(PLANNED, [], replace(SENDING, max_age=max_age)) is reason

    def test_while_a_message_is_missing_nothing_goes(self) -> None:
        third = said(sequence=3, previous=2)
        assert held_back(PLANNED, [third], SENDING) is Reason.PARTIES_NOT_CONFIRMED
        assert held_back(PLANNED, [third, said(sequence=2)], SENDING) is None


class TestEnds:
    """What ends by itself between planning and sending."""

    def test_counsel_of_record_until_a_day_is_so_on_that_day(self) -> None:
        until = planned(of_record=OfRecord(until=NOW.date()))
        assert held_back(until, [], SENDING) is None
        assert held_back(until, [], replace(SENDING, today=NOW.date() + DAY)) is Reason.COUNSEL_REMOVED

    def test_a_designation_ends_on_the_day_the_minor_turns_18(self) -> None:
        minor = planned(
            roles=(Role.DESIGNATED_REPRESENTATIVE,), designation=Designation(basis="minor", ends=NOW.date() + DAY)
        )
        assert held_back(minor, [], SENDING) is None
        assert held_back(minor, [], replace(SENDING, today=NOW.date() + DAY)) is Reason.DESIGNATION_ENDED

    def test_a_designation_for_another_reason_has_no_such_end(self) -> None:
        assert not designation_ended(Designation(basis="unable"), dt.date(2100, 1, 1))


def test_the_plan_is_made_for_the_parties_as_they_stand_and_never_for_an_unsigned_address() -> None:
    signed = package()
    messages = [
        said(of("c1", of_record=BY_CLIENT), of("m1", electronic=REFUSES, contact=Contact(email="thief@mail.example")))
    ]
    stands = as_they_stand(signed, messages, NOW)
    counsel, minister = stands.participant("c1"), stands.participant("m1")
    assert counsel is not None
    assert minister is not None
    assert counsel.of_record == BY_CLIENT
    assert minister.electronic is not None
    assert not minister.electronic.accepts
    before = signed.participant("m1")
    assert before is not None
    assert (minister.contact, minister.recipient) == (before.contact, before.recipient)


def test_without_a_word_the_package_is_the_same() -> None:
    signed = package()
    assert as_they_stand(signed, [said(of("c1", of_record=BY_CLIENT), at=SIGNED - DAY)], NOW) is signed


CHANGES = st.builds(
    PartyChange,
    participant=st.sampled_from(["c1", "a1", "c2"]),
    of_record=st.none() | st.builds(OfRecord, removal=st.none() | st.sampled_from(Removal)),
    electronic=st.none() | st.builds(Electronic, accepts=st.booleans()),
    recipient=st.none() | st.sampled_from(["counsel-12345p", "elsewhere"]),
)
MESSAGES = st.lists(st.tuples(st.lists(CHANGES, max_size=2), st.integers(-3, 6)), max_size=5).map(
    lambda drawn: [said(*changes, at=SIGNED + days * DAY, sequence=n) for n, (changes, days) in enumerate(drawn, 1)]
)


@given(messages=MESSAGES, order=st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(messages: list[PartiesMessage], order: Any) -> None:
    shuffled = list(messages)
    order.shuffle(shuffled)
    assert held_back(PLANNED, messages, SENDING) is held_back(PLANNED, shuffled, SENDING)


@given(messages=MESSAGES)
def test_no_message_makes_sendable_what_is_held_back_without_it(messages: list[PartiesMessage]) -> None:
    """But a newer consent, which only the Registry can give."""
    ended = planned(of_record=OfRecord(until=SIGNED.date()), electronic=Electronic(accepts=True))
    silent = [replace(one, changes=tuple(c for c in one.changes if c.of_record is None)) for one in messages]
    assert held_back(ended, silent, SENDING) is not None
