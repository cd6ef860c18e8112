"""Who somebody is by the word of an OpenID Connect provider, and what links that to an account."""

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass, field

ASKED_LIFE = dt.timedelta(minutes=10)
"""For how long a provider's answer is waited for: signing in there may take a second factor."""
_GROUP, _GROUPS = 4, 6


@dataclass(frozen=True, kw_only=True)
class AskedOfProvider:
    """What goes with one sign-in (RFC 6749 §10.12, OpenID Connect Core §3.1.2.1, RFC 7636): 256 random bits each."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Vouched:
    """What a provider says of who signed in there. account: the claim that the settings name as an account's; empty
    where there is none. groups: the values of the claim that roles hang on."""

    identity: str
    account: str
    groups: frozenset[str]


def identity_of(issuer: str, subject: str) -> str:
    """By what an account is linked: 120 bits of the SHA-256 of issuer and subject, in groups that can be read aloud.

    The issuer belongs to it: another provider may give the same subject to somebody else (OpenID Connect Core §5.7).
    """
    digest = hashlib.sha256(f"{len(issuer)}:{issuer}{subject}".encode()).digest()
    letters = base64.b32encode(digest).decode()[: _GROUP * _GROUPS]
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def is_identity(text: str) -> bool:
    """Whether the text has that form."""
    groups = text.split("-")
    alphabet = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    return len(groups) == _GROUPS and all(len(one) == _GROUP and set(one) <= alphabet for one in groups)
