"""An address that a person puts forward: what the post would not carry, and what no fax reaches, is said with its field
before anything waits for a second person."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from gateway.application.acts.contact_json import read_contact
from gateway.application.recipients.directory_file import read_directory
from gateway.domain.codes import Code
from gateway.domain.envelope import AddressFault, Envelope, address_fault
from gateway.domain.parties import Language
from gateway.domain.problem import InputRefused
from gateway.web.console.delivery.asking import where_of
from templates.catalogue import problem_text
from templates.postal import place_lines

POSTAL = {
    "lines": ["12-345 MAIN ST"],
    "municipality": "TORONTO",
    "province": "ON",
    "postal_code": "M5V 3L9",
    "country": "CA",
}


def contact(**postal: object) -> bytes:
    return json.dumps({"postal": {name: value for name, value in {**POSTAL, **postal}.items() if value}}).encode()


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"lines": ["12 MAIN ST #5"]}, Code.ADDRESS_NUMBER_SIGN, "lines"),
        ({"lines": ["12 MAIN ST", "A" * 40]}, Code.ADDRESS_LINE_TOO_LONG, "lines"),
        ({"municipality": "M" * 30}, Code.ADDRESS_LINE_TOO_LONG, "municipality"),
        ({"province": "XX"}, Code.ADDRESS_PROVINCE, "province"),
        ({"province": None}, Code.ADDRESS_PROVINCE, "province"),
        ({"postal_code": "D5V 3L9"}, Code.ADDRESS_POSTAL_CODE, "postal_code"),
        ({"postal_code": None}, Code.ADDRESS_POSTAL_CODE, "postal_code"),
    ],
)
def test_what_the_post_would_not_carry_is_said_with_its_field(
    change: Mapping[str, object], code: Code, field: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        read_contact(contact(**change))
    assert (refused.value.code, where_of(refused.value)) == (code, field)
    for language in Language:
        assert "$" not in problem_text(refused.value, language)[1], "it stands beside the field"
    way = {"type": "courier", "postal": json.loads(contact(**change))["postal"]}
    entry = {"id": "a", "name": "A", "kind": "counsel", "language": "en", "channels": [way]}
    with pytest.raises(InputRefused) as not_imported:
        read_directory(
            json.dumps({"recipients": [entry]}).encode(),
            read_certificate=lambda _: b"",
            read_public_key=lambda _: b"",
        )
    assert (not_imported.value.where or "").startswith("$.recipients[0].channels[0].postal.")


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ({"name": "N" * 40}, "name"),
        ({"name": "Dame " * 50}, "name"),
        ({"organization": "O" * 40}, "organization"),
        ({"name": "Dame " * 25, "organization": "Maison " * 20}, "organization"),
    ],
)
def test_a_name_that_no_envelope_has_room_for_is_said_when_the_entry_is_imported(
    names: Mapping[str, str], field: str
) -> None:
    def read(**channel: object) -> None:
        entry = {"id": "a", "name": "A", "kind": "counsel", "language": "en", "channels": [channel], **names}
        raw = json.dumps({"recipients": [entry]}).encode()
        read_directory(raw, read_certificate=lambda _: b"", read_public_key=lambda _: b"")

    with pytest.raises(InputRefused) as refused:
        read(type="courier", postal=POSTAL)
    assert (refused.value.code, refused.value.where) == (Code.ADDRESS_NAME_TOO_LONG, f"$.recipients[0].{field}")
    read(type="fax", number="+14165550123")


def test_a_long_name_goes_on_on_the_next_line_between_words_alone() -> None:
    postal = read_contact(contact()).postal
    assert postal is not None
    family = ", ".join(f"Marie-Josephine Example-Sample {one}" for one in "ABCD")
    envelope = Envelope(address=postal, name=family)
    assert (len(envelope.to), max(map(len, envelope.to)) < 40) == (4, True)
    assert " ".join(envelope.to) == family
    assert address_fault(envelope) is None
    assert address_fault(replace(envelope, name="N" * 40)) is AddressFault.NAME_TOO_LONG
    assert address_fault(replace(envelope, organization=family.lower())) is AddressFault.NAME_TOO_LONG


@pytest.mark.parametrize("number", ["911", "+1416555", "0044207946000", "+14165550123;ext=5", "(416) 954-1165"])
def test_what_no_fax_can_reach_is_said_in_words_and_not_as_a_pattern(number: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_contact(json.dumps({"fax": number}).encode())
    assert (refused.value.code, where_of(refused.value)) == (Code.ADDRESS_FAX, "fax")
    with pytest.raises(InputRefused) as no_mail:
        read_contact(b'{"email": "a b"}')
    assert no_mail.value.code is Code.ADDRESS_EMAIL


def test_a_postal_code_without_its_space_is_carried_and_printed_with_it() -> None:
    postal = read_contact(contact(postal_code="M5V3L9")).postal
    assert postal is not None
    assert address_fault(Envelope(address=postal, name="A")) is None
    assert place_lines(postal, Language.EN) == ["TORONTO ON\u00a0\u00a0M5V 3L9"]


def test_abroad_nothing_is_asked_of_provinces_and_codes() -> None:
    assert read_contact(contact(country="FR", province=None, postal_code="75001", municipality="PARIS")).postal
