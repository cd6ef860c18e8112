"""Bad recipient directory files as a table, beside a good one of every kind of way."""

import copy
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.domain.codes import Code
from tests.application.decision_corpus import Change, at, drop, path_of, put
from tests.application.packages import POSTAL

FINGERPRINT = "0123456789abcdef0123456789ABCDEF01234567"


def directory() -> dict[str, Any]:
    """A valid file with a way of every type."""
    gta: list[dict[str, Any]] = [
        {
            "type": "encrypted-email",
            "address": "hearings.gta@cbsa.example",
            "protection": "smime",
            "certificate": "certificates/cbsa-gta.pem",
            "key_transport": "rsa-pkcs1v15",
            "content_encryption": "aes-256-gcm",
            "signed_receipt": True,
            "max_message_bytes": 25_000_000,
        },
        {"type": "secure-upload", "account": "cbsa-gta"},
        {"type": "fax", "number": "+14165550123"},
        *({"type": name, "postal": POSTAL} for name in ("courier", "registered-mail", "priority-post", "regular-mail")),
        {"type": "hand-delivery"},
        {"type": "outcome-feed", "account": "gcms"},
    ]
    counsel = [
        {
            "type": "encrypted-email",
            "address": "c.conseil@conseil.example",
            "protection": "openpgp",
            "public_key": "conseil.asc",
            "fingerprint": FINGERPRINT,
        }
    ]
    file = {
        "recipients": [
            {
                "id": "cbsa-hearings-gta",
                "name": "CBSA, Hearings, Greater Toronto",
                "kind": "minister-counsel",
                "organization": "CBSA",
                "language": "en",
                "channels": gta,
                "divisions": ["RPD", "RAD", "ID", "IAD"],
                "offices": ["toronto"],
            },
            {"id": "counsel-1", "name": "C. Conseil", "kind": "counsel", "language": "both", "channels": counsel},
        ]
    }
    return copy.deepcopy(file)


@dataclass(frozen=True, kw_only=True)
class BadFile:
    """One bad file."""

    file: dict[str, Any]
    code: Code
    where: str
    fault: str | None


def _bad(name: str, change: Change, where: str, fault: str | None, code: Code = Code.RECIPIENT_FILE_INVALID) -> object:
    file = directory()
    change(file)
    return pytest.param(BadFile(file=file, code=code, where=where, fault=fault), id=name)


ENTRY = "recipients.0"
EMAIL = "recipients.0.channels.0"
UPLOAD = "recipients.0.channels.1"
PGP = "recipients.1.channels.0"

OBJECTS = ("", ENTRY, EMAIL, "recipients.0.channels.3.postal")
REQUIRED = (
    "recipients",
    *(f"{ENTRY}.{name}" for name in ("id", "name", "kind", "language", "channels")),
    f"{EMAIL}.type",
    *(f"recipients.0.channels.3.postal.{name}" for name in ("lines", "municipality", "country")),
)
VALUES: list[tuple[str, object, str]] = [
    ("recipients", {}, "value-invalid"),
    (f"{ENTRY}.id", "a b", "value-invalid"),
    (f"{ENTRY}.name", "", "value-invalid"),
    (f"{ENTRY}.kind", "minister", "unknown-code"),
    (f"{ENTRY}.language", "de", "unknown-code"),
    (f"{ENTRY}.divisions", [], "value-invalid"),
    (f"{ENTRY}.divisions", "RPD", "value-invalid"),
    (f"{ENTRY}.divisions.0", "SPR", "unknown-code"),
    (f"{ENTRY}.offices", [], "value-invalid"),
    (f"{ENTRY}.channels", None, "value-invalid"),
    (f"{EMAIL}.type", "e mail", "value-invalid"),
    (f"{EMAIL}.protection", "none", "unknown-code"),
    (f"{EMAIL}.key_transport", "rsa", "unknown-code"),
    (f"{EMAIL}.content_encryption", "aes-128-cbc", "unknown-code"),
    (f"{EMAIL}.signed_receipt", "yes", "value-invalid"),
    (f"{EMAIL}.max_message_bytes", 0, "value-invalid"),
    (f"{EMAIL}.max_message_bytes", "10MB", "value-invalid"),
    (f"{EMAIL}.max_message_bytes", 10**12, "value-invalid"),
    (f"{EMAIL}.certificate", "/etc/passwd", "value-invalid"),
    (f"{EMAIL}.certificate", "..\\key.pem", "value-invalid"),
    (f"{PGP}.fingerprint", "0123456789ABCDEF", "value-invalid"),
    (f"{PGP}.fingerprint", FINGERPRINT + "00", "value-invalid"),
    (f"{PGP}.fingerprint", "g" * 40, "value-invalid"),
    (f"{UPLOAD}.account", "a/b", "value-invalid"),
    ("recipients.0.channels.2.number", "4165550123", "value-invalid"),
    ("recipients.0.channels.2.number", "+1 416 555 0123", "value-invalid"),
    ("recipients.0.channels.2.number", "+14165550123;ext=5", "value-invalid"),
    ("recipients.0.channels.3.postal.country", "Canada", "value-invalid"),
]

FORM = [
    *(
        _bad(f"unknown field in {place or 'root'}", put(key, 1), path_of(key), "unknown-field")
        for place in OBJECTS
        for key in (f"{place}.surprise".lstrip("."),)
    ),
    *(_bad(f"without {place}", drop(place), path_of(place), "field-missing") for place in REQUIRED),
    *(_bad(f"{place} = {value!r}", put(place, value), path_of(place), fault) for place, value, fault in VALUES),
]
"""Faults of form, which the published schema refuses too."""


def _twice(place: str) -> Change:
    return lambda file: at(file, place.split(".")).append(at(file, [*place.split("."), "0"]))


BAD_ADDRESSES = (
    "nobody",
    "a@b",
    "a@@cbsa.example",
    "a b@cbsa.example",
    "a@cbsa..example",
    "a@-cbsa.example",
    ".a@cbsa.example",
    "a.@cbsa.example",
    '"a b"@cbsa.example',
    "a@[192.0.2.1]",
    "a(b)@cbsa.example",
    "A <a@cbsa.example>",
    "a@cbsa.example,b@cbsa.example",
    "a@cbsa.example.",
    "ä@cbsa.example",
    "a@сbsa.example",
    "a" * 65 + "@cbsa.example",
    "a@" + "b" * 64 + ".example",
    "a@" + "b.example." * 26 + "example",
)

BETWEEN = [
    *(
        _bad(f"address {address[:30]}", put(f"{EMAIL}.address", address), path_of(f"{EMAIL}.address"), None, code)
        for address in BAD_ADDRESSES
        for code in (Code.RECIPIENT_ADDRESS_INVALID,)
    ),
    *(
        _bad(f"without {name}", drop(f"{place}.{name}"), path_of(f"{place}.{name}"), "field-missing")
        for place, names in (
            (EMAIL, ("address", "protection", "certificate")),
            (PGP, ("address", "protection", "public_key", "fingerprint")),
            (UPLOAD, ("account",)),
            ("recipients.0.channels.2", ("number",)),
            *((f"recipients.0.channels.{index}", ("postal",)) for index in (3, 4, 5, 6)),
        )
        for name in names
    ),
    *(
        _bad(f"{key} = {value}", put(key, value), path_of(key), "unknown-field")
        for key, value in (
            (f"{EMAIL}.fingerprint", FINGERPRINT),
            (f"{EMAIL}.account", "x"),
            (f"{PGP}.certificate", "x.pem"),
            (f"{PGP}.key_transport", "rsa-oaep"),
            (f"{PGP}.content_encryption", "aes-256-gcm"),
            (f"{PGP}.signed_receipt", True),
            (f"{UPLOAD}.max_message_bytes", 1_000_000),
            (f"{UPLOAD}.address", "a@cbsa.example"),
            ("recipients.0.channels.2.postal", POSTAL),
            ("recipients.0.channels.3.number", "+14165550123"),
        )
    ),
    _bad("unknown type", put(f"{UPLOAD}.type", "pigeon"), path_of(f"{UPLOAD}.type"), "unknown-code"),
    _bad("plain e-mail", put(f"{EMAIL}.type", "email"), path_of(f"{EMAIL}.type"), "unknown-code"),
    _bad("unknown office", put(f"{ENTRY}.offices.0", "atlantis"), "$.recipients[0].offices[0]", "unknown-code"),
    _bad(
        "path that climbs", put(f"{EMAIL}.certificate", "a/../../b"), path_of(f"{EMAIL}.certificate"), "value-invalid"
    ),
    _bad("entry twice", _twice("recipients"), "$.recipients[2].id", "value-invalid"),
    _bad("type twice", _twice(f"{ENTRY}.channels"), "$.recipients[0].channels[9].type", "value-invalid"),
    _bad("name of two lines", put(f"{ENTRY}.name", "a\r\nBcc: b"), "$.recipients[0].name", "value-invalid"),
]
"""Faults between the parts, and in what a schema cannot say."""
