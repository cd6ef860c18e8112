"""Who receives and by which way, where something is missing, ended, unknown or contradictory."""

from typing import Any

import pytest

from gateway.domain.outcomes import Division
from gateway.domain.parties import PreferredLanguage, Recipient, RecipientKind
from gateway.domain.reasons import Reason
from tests.unit.routed import CENTRE, COUNSEL, EVERY, MINISTER, entry, package, planned


@pytest.mark.parametrize("division", list(Division))
def test_the_ministers_counsel_and_counsel_with_a_pinned_certificate_get_encrypted_email(division: Division) -> None:
    plans = planned(package(division), MINISTER, COUNSEL)
    assert plans["m1"].channels == ("encrypted-email",)
    assert plans["c1"].channels == ("encrypted-email",)
    assert plans["m1"].reason is None


@pytest.mark.parametrize(
    ("division", "of_record", "first"),
    [
        (Division.RPD, {}, "secure-upload"),
        (Division.RAD, {}, "secure-upload"),
        (Division.RPD, {"electronic": {"accepts": False}}, "courier"),
        (Division.ID, {}, "encrypted-email"),
        (Division.IAD, {}, "encrypted-email"),
    ],
)
def test_standing_counsel_default_to_the_exchange_where_the_rules_leave_it_open_and_institutions_to_encrypted_email(
    division: Division, of_record: dict[str, object], first: str
) -> None:
    counsel = {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "counsel-12345p"} | of_record
    minister = {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}
    plans = planned(package(division, participants=[minister, counsel]), MINISTER, COUNSEL, channels=EVERY)
    assert plans["m1"].channels[0] == "encrypted-email"
    assert plans["c1"].channels[0] == first
    without = planned(
        package(division, participants=[minister, counsel]),
        MINISTER,
        entry("counsel-12345p", RecipientKind.COUNSEL, channels=[one for one in EVERY if one != "secure-upload"]),
        channels=EVERY,
    )
    assert "secure-upload" not in without["c1"].channels


def test_a_missing_certificate_is_never_a_weaker_protection() -> None:
    plans = planned(package(), entry("cbsa-hearings-gta", certificate=None), COUNSEL)
    assert (plans["m1"].channels, plans["m1"].reason) == ((), Reason.KEY_MISSING)


def test_an_unknown_recipient_goes_to_a_person() -> None:
    plans = planned(package(), COUNSEL)
    assert (plans["m1"].channels, plans["m1"].reason) == ((), Reason.RECIPIENT_UNKNOWN)


def test_a_channel_that_is_not_set_up_is_said_to_be_so() -> None:
    plans = planned(package(), MINISTER, COUNSEL, channels=())
    assert plans["m1"].reason is Reason.NO_ELECTRONIC_CHANNEL


def test_the_sorting_centre_is_found_in_the_directory_when_the_minister_is_no_party() -> None:
    decision = package(
        minister={"party": False},
        participants=[{"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "counsel-12345p"}],
    )
    plans = planned(decision, COUNSEL, CENTRE)
    assert plans["sorting-centre"].channels == ("encrypted-email",)
    assert plans["sorting-centre"].language is PreferredLanguage.FR
    assert not plans["sorting-centre"].provision.listed


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ((), Reason.RECIPIENT_NOT_LISTED),
        (
            (entry("elsewhere", RecipientKind.SORTING_CENTRE, offices=("calgary",)),),
            Reason.RECIPIENT_NOT_LISTED,
        ),
        (
            (entry("one", RecipientKind.SORTING_CENTRE), entry("two", RecipientKind.SORTING_CENTRE)),
            Reason.RECIPIENT_AMBIGUOUS,
        ),
    ],
)
def test_none_or_several_entries_for_who_must_be_told_need_a_person(
    entries: tuple[Recipient, ...], reason: Reason
) -> None:
    decision = package(
        minister={"party": False},
        participants=[{"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "counsel-12345p"}],
    )
    assert planned(decision, COUNSEL, *entries)["sorting-centre"].reason is reason


def counsel(**changes: Any) -> list[dict[str, Any]]:
    one = {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "counsel-12345p"} | changes
    return [{"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}, one]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"electronic": {"accepts": False}}, Reason.ELECTRONIC_NOT_ACCEPTED),
        (
            {"electronic": {"accepts": True, "withdrawn_at": "2026-11-01T10:00:00-05:00"}},
            Reason.ELECTRONIC_NOT_ACCEPTED,
        ),
        ({"of_record": {"until": "2026-11-01"}}, Reason.COUNSEL_ENDED),
        ({"of_record": {"removal": "by-client"}}, Reason.COUNSEL_ENDED),
        ({"of_record": {"removal": "granted"}}, Reason.COUNSEL_ENDED),
        ({"of_record": {"removal": "requested"}}, None),
        ({"of_record": {"until": "2026-11-20"}}, None),
    ],
)
def test_counsel_who_ended_or_withdrew_consent_is_not_written_to(
    changes: dict[str, Any], reason: Reason | None
) -> None:
    assert planned(package(participants=counsel(**changes)), MINISTER, COUNSEL)["c1"].reason is reason


@pytest.mark.parametrize(
    ("division", "changes", "reason"),
    [
        (Division.RPD, {"private_proceeding": True, "private_basis": "166(c)"}, None),
        (Division.ID, {"private_proceeding": True, "private_basis": "166(b)"}, Reason.CONFIDENTIAL),
        (Division.ID, {"sensitive": True}, Reason.CONFIDENTIAL),
        (Division.IAD, {"sensitive": True}, Reason.CONFIDENTIAL),
        (Division.IAD, {"restrictions": [{"kind": "confidentiality-order"}]}, Reason.CONFIDENTIAL),
        (Division.RAD, {"restrictions": [{"kind": "transmission-ban"}]}, Reason.TRANSMISSION_BAN),
        (Division.ID, {"minister": {"party": False}}, Reason.MINISTER_CONTRADICTION),
        (Division.RPD, {"minister": {"party": False}}, Reason.MINISTER_CONTRADICTION),
    ],
)
def test_what_the_rules_keep_from_electronic_means_waits_for_a_person(
    division: Division, changes: dict[str, Any], reason: Reason | None
) -> None:
    assert planned(package(division, **changes), MINISTER, COUNSEL)["m1"].reason is reason


def test_an_address_in_the_package_is_never_matched_to_a_directory_key() -> None:
    listed = counsel()
    listed[1] = {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "contact": {"email": "a@b.example"}}
    plans = planned(package(participants=listed), MINISTER, COUNSEL)
    assert (plans["c1"].channels, plans["c1"].recipient) == ((), None)
    assert plans["c1"].reason is Reason.KEY_MISSING
