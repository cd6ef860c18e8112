"""The recipient directory file (INTERFACE.md), read strictly, with the keys it names.

The dataclasses here are the file's format; what comes of it are the domain's `Recipient`s. A refusal is
recipient.file-invalid (or recipient.address-invalid) with the JSON path as `where`, as in `decision_json`, and the
fault among the facts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import PurePosixPath

from gateway.application.identifiers import identifier_checks
from gateway.application.recipients.look_alikes import check_domain
from gateway.application.recipients.postal_checks import check_carried, check_names
from gateway.application.rules import offices as known_offices
from gateway.application.strict_format import StrictFormat
from gateway.application.strict_json import Fault, JsonRules
from gateway.domain.addresses import MailAddress
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.parties import (
    E164,
    ID,
    MAX_MESSAGE_BYTES,
    TEXT,
    ChannelName,
    ContentEncryption,
    ExchangeKind,
    KeyTransport,
    PostalAddress,
    PreferredLanguage,
    Protection,
    Recipient,
    RecipientChannel,
    RecipientKind,
)
from gateway.domain.problem import InputRefused

ReadFile = Callable[[str], bytes]
"""Gives what the file at a path, relative to the directory file, holds. May raise a Problem of its own."""

_FILE = {"min_length": 1, "max_length": 300, "pattern": r"^[^/\\][^\\]*$"}


@dataclass(frozen=True, kw_only=True)
class ChannelEntry:
    """One way to reach a recipient. Which fields it needs depends on its type."""

    type: str = field(metadata=ID)
    """A channel's name, as `encrypted-email`; one entry a type."""
    address: str | None = None
    """E-mail address, for `encrypted-email`."""
    protection: Protection | None = None
    certificate: str | None = field(default=None, metadata=_FILE)
    """For `smime`: path of the certificate (PEM or DER), relative to this file."""
    key_transport: KeyTransport = KeyTransport.AUTO
    """For `smime`: how the content key travels, by what the recipient's reader can open."""
    content_encryption: ContentEncryption = ContentEncryption.CBC
    """For `smime`: `aes-256-gcm` only where the recipient's reader is known to open it."""
    signed_receipt: bool = False
    """For `smime`: ask for a signed receipt (RFC 2634)."""
    public_key: str | None = field(default=None, metadata=_FILE)
    """For `openpgp`: path of the public key, relative to this file."""
    fingerprint: str | None = field(default=None, metadata={"pattern": "^[0-9A-Fa-f]{40}$"})
    """For `openpgp`: the key's fingerprint, 40 hexadecimal digits."""
    max_message_bytes: int = field(default=MAX_MESSAGE_BYTES, metadata={"ge": 100_000, "le": 1_000_000_000})
    """For `encrypted-email`: the largest message that the recipient takes, in bytes on the wire."""
    account: str | None = field(default=None, metadata=ID)
    """Account in the exchange, for `secure-upload`; of `sftp` and `tus` its name in the file of exchanges."""
    exchange: ExchangeKind = ExchangeKind.OWN
    """For `secure-upload`: `own`, `connect` (Canada Post's, by a clerk), `sftp` or `tus` (the recipient's)."""
    number: str | None = field(default=None, metadata=E164)
    """Fax number, E.164."""
    postal: PostalAddress | None = None
    """Where courier, mail and hand delivery go."""


@dataclass(frozen=True, kw_only=True)
class RecipientEntry:
    """One recipient. `divisions` and `offices` left out mean all."""

    id: str = field(metadata=ID)
    name: str = field(metadata=TEXT)
    kind: RecipientKind
    language: PreferredLanguage
    channels: tuple[ChannelEntry, ...]
    """In order of preference."""
    organization: str | None = field(default=None, metadata=TEXT)
    divisions: tuple[Division, ...] | None = field(default=None, metadata={"min_length": 1})
    offices: tuple[str, ...] | None = field(default=None, metadata={"min_length": 1})


@dataclass(frozen=True, kw_only=True)
class DirectoryFile:
    """The recipient directory, as `gateway recipients import` takes it."""

    recipients: tuple[RecipientEntry, ...]


_RULES = JsonRules(codes=dict.fromkeys(Fault, Code.RECIPIENT_FILE_INVALID), max_bytes=10_000_000)


@dataclass(frozen=True, kw_only=True)
class _Needs:
    """What a way of a type must and may have besides."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


_POSTAL = _Needs(required=frozenset({"postal"}))
_EMAIL = frozenset({"address", "protection"})

_NEEDS: Mapping[str, _Needs] = {
    ChannelName.SECURE_UPLOAD: _Needs(required=frozenset({"account"}), optional=frozenset({"exchange"})),
    ChannelName.FAX: _Needs(required=frozenset({"number"})),
    ChannelName.COURIER: _POSTAL,
    ChannelName.REGISTERED_MAIL: _POSTAL,
    ChannelName.PRIORITY_POST: _POSTAL,
    ChannelName.REGULAR_MAIL: _POSTAL,
    ChannelName.HAND_DELIVERY: _Needs(required=frozenset(), optional=frozenset({"postal"})),
    ChannelName.OUTCOME_FEED: _Needs(required=frozenset(), optional=frozenset({"account"})),
}
_EMAIL_NEEDS: Mapping[Protection, _Needs] = {
    Protection.SMIME: _Needs(
        required=_EMAIL | {"certificate"},
        optional=frozenset({"key_transport", "content_encryption", "signed_receipt", "max_message_bytes"}),
    ),
    Protection.OPENPGP: _Needs(
        required=_EMAIL | {"public_key", "fingerprint"}, optional=frozenset({"max_message_bytes"})
    ),
}
_DEFAULTS = {one.name: one.default for one in fields(ChannelEntry) if one.name != "type"}
"""What a way's fields hold that were not given."""


@cache
def directory_format() -> StrictFormat[DirectoryFile]:
    """The format, built when it is first needed."""
    return StrictFormat(DirectoryFile, _RULES)


def read_directory(
    raw: bytes,
    *,
    read_certificate: ReadFile,
    read_public_key: ReadFile,
    channel_types: Collection[str] = tuple(ChannelName),
    offices: Collection[str] | None = None,
) -> tuple[Recipient, ...]:
    """The recipients that the file lists.

    read_certificate: DER of the certificate at a path, whatever form the file has. read_public_key: an OpenPGP key.
    channel_types: names of the channels that exist. offices: ids; by default those of `gateway/rules/offices.toml`.
    Raises InputRefused (recipient.file-invalid, recipient.address-invalid, address.*), and what the callables raise.
    """
    entries = directory_format().read(raw).recipients
    _check_unique([entry.id for entry in entries], "$.recipients[{}].id")
    known = known_offices() if offices is None else offices
    for index, entry in enumerate(entries):
        _check_entry(entry, f"$.recipients[{index}]", frozenset(channel_types), known)
    return tuple(_recipient(entry, read_certificate, read_public_key) for entry in entries)


def _invalid(fault: Fault, where: str, **facts: str) -> InputRefused:
    return InputRefused(Code.RECIPIENT_FILE_INVALID, where=where, fault=fault.value, **facts)


def _check_unique(values: Sequence[str], place: str) -> None:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            raise _invalid(Fault.VALUE_INVALID, place.format(index), expected="uniqueItems true")
        seen.add(value)


def _check_entry(entry: RecipientEntry, place: str, types: frozenset[str], offices: Collection[str]) -> None:
    for index, office in enumerate(entry.offices or ()):
        if office not in offices:
            raise _invalid(Fault.UNKNOWN_CODE, f"{place}.offices[{index}]", expected=", ".join(sorted(offices)))
    for index, way in enumerate(entry.channels):
        _check_way(way, f"{place}.channels[{index}]", types)
    if any(way.postal is not None for way in entry.channels):
        check_names(entry.name, entry.organization, place)
    # The first way of a type is the one in use: a second would be there and never serve.
    _check_unique([way.type for way in entry.channels], f"{place}.channels[{{}}].type")


def _check_way(way: ChannelEntry, place: str, types: frozenset[str]) -> None:
    if way.type not in types:
        raise _invalid(Fault.UNKNOWN_CODE, f"{place}.type", expected=", ".join(sorted(types)))
    needs = _needs_of(way, place)
    if needs is not None:
        _check_fields(way, needs, place)
    if way.address is not None:
        _check_address(way.address, f"{place}.address")
    _check_identifiers(way, place)
    for name, path in (("certificate", way.certificate), ("public_key", way.public_key)):
        if path is not None and ".." in PurePosixPath(path).parts:
            raise _invalid(Fault.VALUE_INVALID, f"{place}.{name}", expected="relative-path")


def _check_identifiers(way: ChannelEntry, place: str) -> None:
    checks = identifier_checks()
    fax = checks.fax(way.number, f"{place}.number") if way.number is not None else ()
    postal = checks.postal(way.postal, f"{place}.postal") if way.postal is not None else ()
    for fault in (*fax, *postal):
        raise InputRefused(Code.RECIPIENT_IDENTIFIER_INVALID, where=fault.where, expected=fault.expected)
    if way.postal is not None:
        check_carried(way.postal, f"{place}.postal")


def _check_address(address: str, place: str) -> None:
    try:
        MailAddress.parse(address)
        check_domain(address)
    except ValueError:
        raise InputRefused(Code.RECIPIENT_ADDRESS_INVALID, where=place) from None


def _needs_of(way: ChannelEntry, place: str) -> _Needs | None:
    """What the way needs; None for a channel of somebody else's, which has fields of its own choice."""
    if way.type != ChannelName.ENCRYPTED_EMAIL:
        return _NEEDS.get(way.type)
    if way.protection is None:
        raise _invalid(Fault.FIELD_MISSING, f"{place}.protection")
    return _EMAIL_NEEDS[way.protection]


def _check_fields(way: ChannelEntry, needs: _Needs, place: str) -> None:
    given = {name for name, default in _DEFAULTS.items() if getattr(way, name) != default}
    for name in _DEFAULTS:
        if name in needs.required and name not in given:
            raise _invalid(Fault.FIELD_MISSING, f"{place}.{name}")
        if name in given and name not in needs.required | needs.optional:
            raise _invalid(Fault.UNKNOWN_FIELD, f"{place}.{name}")


def _recipient(entry: RecipientEntry, read_certificate: ReadFile, read_public_key: ReadFile) -> Recipient:
    return Recipient(
        id=entry.id,
        name=entry.name,
        kind=entry.kind,
        organization=entry.organization,
        language=entry.language,
        channels=tuple(_way(way, read_certificate, read_public_key) for way in entry.channels),
        divisions=frozenset(entry.divisions or ()),
        offices=frozenset(entry.offices or ()),
    )


def _way(way: ChannelEntry, read_certificate: ReadFile, read_public_key: ReadFile) -> RecipientChannel:
    return RecipientChannel(
        type=way.type,
        address=way.address,
        protection=way.protection,
        certificate=None if way.certificate is None else read_certificate(way.certificate),
        key_transport=way.key_transport,
        content_encryption=way.content_encryption,
        signed_receipt=way.signed_receipt,
        public_key=None if way.public_key is None else read_public_key(way.public_key),
        fingerprint=None if way.fingerprint is None else way.fingerprint.upper(),
        max_message_bytes=way.max_message_bytes,
        account=way.account,
        exchange=way.exchange,
        number=way.number,
        postal=way.postal,
    )
