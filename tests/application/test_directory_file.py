import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.application.recipients.directory_file import read_directory
from gateway.application.recipients.recipient_json import recipient_from_json, recipient_to_json
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.parties import (
    ChannelName,
    ContentEncryption,
    KeyTransport,
    PostalAddress,
    PreferredLanguage,
    Protection,
    Recipient,
    RecipientChannel,
    RecipientKind,
)
from gateway.domain.problem import InputRefused, SetupWrong
from tests.application.directory_corpus import BETWEEN, FINGERPRINT, FORM, BadFile, directory


def certificate(path: str) -> bytes:
    return b"der of " + path.encode()


def public_key(path: str) -> bytes:
    return b"key of " + path.encode()


def read(file: Any, **settings: Any) -> tuple[Recipient, ...]:
    raw = file if isinstance(file, bytes) else json.dumps(file).encode()
    return read_directory(raw, read_certificate=certificate, read_public_key=public_key, **settings)


def test_a_file_with_every_type_of_way_is_read() -> None:
    gta, counsel = read(directory())
    assert gta.kind is RecipientKind.MINISTER_COUNSEL
    assert [way.type for way in gta.channels] == list(ChannelName)
    assert gta.divisions == frozenset(Division)
    assert gta.offices == {"toronto"}
    email = gta.channel("encrypted-email")
    assert email is not None
    assert email.protection is Protection.SMIME
    assert email.certificate == b"der of certificates/cbsa-gta.pem"
    assert email.key_transport is KeyTransport.PKCS1V15
    assert email.content_encryption is ContentEncryption.GCM
    assert (email.signed_receipt, email.max_message_bytes) == (True, 25_000_000)
    assert counsel.channels[0].max_message_bytes == 10_000_000
    assert counsel.language is PreferredLanguage.BOTH
    assert counsel.channels[0].public_key == b"key of conseil.asc"
    assert counsel.channels[0].fingerprint == FINGERPRINT.upper()


def test_an_entry_without_divisions_and_offices_serves_all() -> None:
    counsel = read(directory())[1]
    assert all(counsel.serves(division, office) for division in Division for office in ("toronto", "calgary"))


@pytest.mark.parametrize("bad", [*FORM, *BETWEEN])
def test_a_bad_file_is_refused_with_its_code_and_place(bad: BadFile) -> None:
    with pytest.raises(InputRefused) as caught:
        read(bad.file)
    refused = caught.value
    assert (refused.code, refused.where, refused.facts.get("fault")) == (bad.code, bad.where, bad.fault)
    assert "cbsa.example" not in f"{refused} {refused.facts}"


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "not-json"),
        (b'{"recipients": [], "recipients": []}', "duplicate-key"),
        (b"[" * 100_000, "too-deep"),
        (b" " * 10_000_001, "too-large"),
    ],
)
def test_what_is_no_plain_json_is_refused_as_a_file(raw: bytes, fault: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read(raw)
    assert (caught.value.code, caught.value.facts["fault"]) == (Code.RECIPIENT_FILE_INVALID, fault)


def test_nothing_is_read_from_disk_for_a_file_that_is_refused() -> None:
    file = directory()
    file["recipients"][1]["channels"][0]["address"] = "nobody"
    asked: list[str] = []

    def watched(path: str) -> bytes:
        asked.append(path)
        return b""

    with pytest.raises(InputRefused):
        read_directory(json.dumps(file).encode(), read_certificate=watched, read_public_key=watched)
    assert asked == []


def test_what_the_reader_of_certificates_refuses_goes_through() -> None:
    def unreadable(path: str) -> bytes:
        raise InputRefused(Code.KEY_UNREADABLE, where=path)

    with pytest.raises(InputRefused, match=r"^key\.unreadable at certificates/cbsa-gta\.pem$"):
        read_directory(json.dumps(directory()).encode(), read_certificate=unreadable, read_public_key=public_key)


def test_a_channel_of_somebody_elses_is_known_when_it_is_given() -> None:
    file = directory()
    file["recipients"][0]["channels"] = [{"type": "pigeon", "account": "loft-3"}]
    assert read(file, channel_types={"pigeon", "encrypted-email"})[0].channels[0].account == "loft-3"


LINES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).map(lambda text: f"x{text}")
WAYS = st.builds(
    RecipientChannel,
    type=st.sampled_from(ChannelName).map(str),
    certificate=st.none() | st.binary(),
    public_key=st.none() | st.binary(),
    address=st.none() | LINES,
    postal=st.none()
    | st.builds(
        PostalAddress,
        lines=st.lists(LINES, min_size=1, max_size=5).map(tuple),
        municipality=LINES,
        country=st.just("CA"),
        province=st.none() | LINES,
        postal_code=st.none() | LINES,
    ),
)
RECIPIENTS = st.builds(Recipient, name=LINES, channels=st.lists(WAYS, max_size=3).map(tuple))


@given(RECIPIENTS)
def test_a_kept_entry_comes_back_as_it_was(recipient: Recipient) -> None:
    assert recipient_from_json(recipient_to_json(recipient)) == recipient


def test_the_same_entry_is_kept_as_the_same_bytes() -> None:
    first, again = (read(directory())[0] for _ in range(2))
    assert recipient_to_json(first) == recipient_to_json(again)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", recipient_to_json(read(directory())[0]) + b"x"])
def test_bytes_that_are_no_kept_entry_are_a_broken_seal(raw: bytes) -> None:
    with pytest.raises(SetupWrong) as caught:
        recipient_from_json(raw)
    assert caught.value.code is Code.SEAL_BROKEN
    assert caught.value.__cause__ is None
