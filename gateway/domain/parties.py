"""Who takes part in a proceeding, and the directory entries of those who receive often."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gateway.domain.outcomes import Division

ID = {"pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}
"""Identifiers that a sender or a registry chooses: they may stand in logs, so they are kept short and plain."""

E164 = {"pattern": r"^\+[1-9][0-9]{6,14}$"}
TEXT = {"min_length": 1, "max_length": 300, "pattern": r"\S"}
"""A line that is not blank."""


class Language(StrEnum):
    """An official language."""

    EN = "en"
    FR = "fr"


class PreferredLanguage(StrEnum):
    """The language a participant is written to in; `both` gets English and French."""

    EN = "en"
    FR = "fr"
    BOTH = "both"


class Ministry(StrEnum):
    """The organization that acts for the Minister."""

    CBSA = "CBSA"
    IRCC = "IRCC"


class Role(StrEnum):
    """What a participant is in the proceeding (INTERFACE.md)."""

    CLAIMANT = "claimant"
    PROTECTED_PERSON = "protected-person"
    APPELLANT = "appellant"
    RESPONDENT = "respondent"
    PERSON_CONCERNED = "person-concerned"
    COUNSEL = "counsel"
    MINISTER_COUNSEL = "minister-counsel"
    SORTING_CENTRE = "sorting-centre"
    DESIGNATED_REPRESENTATIVE = "designated-representative"
    UNHCR = "unhcr"
    INTERESTED_PERSON = "interested-person"
    DIVISION = "division"


class ChannelName(StrEnum):
    """The channels of the house; a third party's channel has a name outside these."""

    ENCRYPTED_EMAIL = "encrypted-email"
    SECURE_UPLOAD = "secure-upload"
    FAX = "fax"
    COURIER = "courier"
    REGISTERED_MAIL = "registered-mail"
    PRIORITY_POST = "priority-post"
    REGULAR_MAIL = "regular-mail"
    HAND_DELIVERY = "hand-delivery"
    OUTCOME_FEED = "outcome-feed"


@dataclass(frozen=True, kw_only=True)
class PostalAddress:
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    lines: tuple[str, ...] = field(metadata={"min_length": 1, "max_length": 5})
    municipality: str = field(metadata=TEXT)
    country: str = field(metadata={"pattern": "^[A-Z]{2}$"})
    province: str | None = field(default=None, metadata=TEXT)
    postal_code: str | None = field(default=None, metadata=TEXT)


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Where a participant outside the directory can be reached; never matched to a directory key."""

    email: str | None = field(default=None, metadata={"max_length": 254, "pattern": r"^[^\s@]+@[^\s@]+$"})
    fax: str | None = field(default=None, metadata=E164)
    postal: PostalAddress | None = None
    unknown: Literal[True] | None = None
    """No address is known; then nothing else is given."""


@dataclass(frozen=True, kw_only=True)
class Membership:
    """Counsel's professional body and number (IRPA 91(2))."""

    body: str = field(metadata=TEXT)
    number: str = field(metadata=TEXT)


class Removal(StrEnum):
    """How counsel ceases to be of record; `requested` changes nothing (RPD r.15(3), RAD r.19(4), IAD r.11(3))."""

    REQUESTED = "requested"
    GRANTED = "granted"
    BY_CLIENT = "by-client"


@dataclass(frozen=True, kw_only=True)
class OfRecord:
    """Since and until when counsel is of record."""

    since: dt.date | None = None
    until: dt.date | None = None
    """The last day of record."""
    removal: Removal | None = None


@dataclass(frozen=True, kw_only=True)
class Designation:
    """Why a representative was designated (IRPA 167(2)) and when the designation ends."""

    basis: Literal["minor", "unable"]
    ends: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Electronic:
    """Whether the participant accepts electronic delivery, and their consent."""

    accepts: bool
    consent: dt.date | None = None
    withdrawn_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Participant:
    """One who takes part and may have to be provided with the decision."""

    id: str = field(metadata=ID)
    roles: tuple[Role, ...] = field(metadata={"min_length": 1})
    represents: tuple[str, ...] = ()
    """Ids of persons or participants."""
    name: str | None = field(default=None, metadata=TEXT)
    organization: str | None = field(default=None, metadata=TEXT)
    attention: str | None = field(default=None, metadata=TEXT)
    reference: str | None = field(default=None, metadata={"min_length": 1, "max_length": 64})
    """Their own file number; it may stand on a neutral notice."""
    language: PreferredLanguage | None = None
    """Left out: the language of the decision."""
    membership: Membership | None = None
    of_record: OfRecord | None = None
    designation: Designation | None = None
    made_submissions: bool | None = None
    """Of the UNHCR and interested persons: RAD r.50(1)."""
    electronic: Electronic | None = None
    fax_over_20_pages_consent: bool | None = None
    recipient: str | None = field(default=None, metadata=ID)
    """An entry of the recipient directory: either this or `contact`."""
    contact: Contact | None = None
    """Either this or `recipient`."""


class RecipientKind(StrEnum):
    """What a directory entry is."""

    MINISTER_COUNSEL = "minister-counsel"
    SORTING_CENTRE = "sorting-centre"
    COUNSEL = "counsel"
    DIVISION = "division"
    UNHCR = "unhcr"
    DETENTION_FACILITY = "detention-facility"
    OTHER = "other"


class Protection(StrEnum):
    """How content is protected on its way to a recipient by encrypted e-mail."""

    SMIME = "smime"
    OPENPGP = "openpgp"


class ExchangeKind(StrEnum):
    """Whose exchange an account is in."""

    OWN = "own"
    CONNECT = "connect"
    """Canada Post's Connect («postel»): it has no public interface, so that a clerk uploads."""
    SFTP = "sftp"
    """The recipient's own server, by SFTP: the account is named in the file of others' exchanges."""
    TUS = "tus"
    """The recipient's own exchange, by resumable uploads over HTTPS (tus 1.0)."""


class KeyTransport(StrEnum):
    """How the content key reaches the recipient's key: by what their reader can open (facts, S/MIME table)."""

    AUTO = "auto"
    """EC for an EC key; RSAES-OAEP for an RSA key unless the profile says PKCS1v15."""
    OAEP = "rsa-oaep"
    PKCS1V15 = "rsa-pkcs1v15"


class ContentEncryption(StrEnum):
    """How the content of an S/MIME message is encrypted: by what the recipient's reader can open."""

    CBC = "aes-256-cbc"
    """EnvelopedData, which every reader opens; alteration is noticed by the signature inside."""
    GCM = "aes-256-gcm"
    """AuthEnvelopedData (RFC 5083, RFC 5084), which few readers open: OpenSSL does; GnuPG and NSS do not."""


MAX_MESSAGE_BYTES = 10_000_000
"""What a recipient's mail server is taken to accept, on the wire, where their entry says nothing else."""


@dataclass(frozen=True, kw_only=True)
class RecipientChannel:
    """One way to reach a directory entry, with what that way needs. Certificates are DER."""

    type: str
    address: str | None = None
    protection: Protection | None = None
    certificate: bytes | None = None
    key_transport: KeyTransport = KeyTransport.AUTO
    content_encryption: ContentEncryption = ContentEncryption.CBC
    signed_receipt: bool = False
    """Whether their reader answers a request for a signed receipt (RFC 2634)."""
    public_key: bytes | None = None
    fingerprint: str | None = None
    max_message_bytes: int = MAX_MESSAGE_BYTES
    """The largest message they take by e-mail, on the wire."""
    account: str | None = None
    exchange: ExchangeKind = ExchangeKind.OWN
    """Where the account is, for `secure-upload`."""
    number: str | None = None
    postal: PostalAddress | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """Where what is sent this way arrives, however it is protected on its way."""
        return (
            self.type,
            self.address,
            self.exchange if self.account else None,
            self.account,
            self.number,
            self.postal,
        )


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """An entry of the recipient directory. Empty `divisions` and `offices` mean all."""

    id: str
    name: str
    kind: RecipientKind
    organization: str | None
    language: PreferredLanguage
    channels: tuple[RecipientChannel, ...]
    divisions: frozenset[Division] = frozenset()
    offices: frozenset[str] = frozenset()

    def serves(self, division: Division, office: str) -> bool:
        """Whether this entry stands for the division at the office."""
        return (not self.divisions or division in self.divisions) and (not self.offices or office in self.offices)

    def channel(self, name: str) -> RecipientChannel | None:
        """The entry's first way of that name, if it has one."""
        return next((channel for channel in self.channels if channel.type == name), None)
