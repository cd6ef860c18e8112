"""Keys pinned to recipients: the history of who received under which key, since when, and on whose word."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A key pinned to a recipient for one way. A key is pinned to one recipient at a time.

    `key`: the digest of the public key itself, so that a certificate renewed over the same key counts as the same.
    `fingerprint`: of the certificate (SHA-256, hex) or of the OpenPGP key (40 hex).
    """

    recipient: str
    channel: str
    key: str
    fingerprint: str
    pinned_at: dt.datetime
    pinned_by: str
    approved_by: str | None
    """None: in bootstrap, when there was no second person."""
    reason: bytes | None = None
    """Why, sealed."""
    ended_at: dt.datetime | None = None
    ended_by: str | None = None
    replaced_by: str | None = None
    """The fingerprint that took its place; None while it stands, or when nothing did."""
