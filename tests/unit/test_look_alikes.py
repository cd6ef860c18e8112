"""Addresses that look like others are found, and honest ones left alone."""

import idna
import pytest

from gateway.application.recipients.look_alikes import check_domain, is_mixed, look_alike


def shown_as(domain: str) -> str:
    """The ASCII form of a domain that is shown so."""
    return idna.encode(domain).decode("ascii")


KNOWN = ["hearings@cbsa.example", f"registre@{shown_as('société.example')}"]


@pytest.mark.parametrize(
    "address",
    [
        f"hearings@{shown_as('cbsа.example')}",  # Cyrillic a
        f"hearings@{shown_as('cbѕa.example')}",  # Cyrillic dze
        "hearlngs@cbsa.example",  # l for i
        "hearings@cbsa.exarnple",  # rn for m
        "other@cbsa.exarnple",
    ],
)
def test_an_address_that_can_be_taken_for_a_known_one_is_found(address: str) -> None:
    assert look_alike(address, KNOWN) == KNOWN[0]


@pytest.mark.parametrize(
    "address",
    [
        "hearings@cbsa.example",
        "HEARINGS@irb.example",
        "detention@cbsa.example",
        "unhcr@unhcr.example",
        f"x@{shown_as('société.example')}",
    ],
)
def test_the_same_address_and_an_honest_other_are_left_alone(address: str) -> None:
    assert look_alike(address, KNOWN) is None


def test_a_domain_of_mixed_scripts_is_told_from_one_of_its_own() -> None:
    assert is_mixed(f"hearings@{shown_as('cbsа.example')}")
    assert not is_mixed(KNOWN[1])
    assert not is_mixed(f"a@{shown_as('суд.example')}")


def test_what_only_looks_like_an_internationalised_domain_is_refused() -> None:
    check_domain(KNOWN[0])
    check_domain(KNOWN[1])
    for address in ("a@xn--.example", "a@xn--zzzzzzzz9999.example"):
        with pytest.raises(ValueError, match=r".+"):
            check_domain(address)
