"""How long a list or response may be used, as it says itself: so long it is held, and before that it is renewed."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.domain.trust import PublishedStatus, StatusKind, StatusSource
from keys.ocsp import fresh_until, read_response
from keys.trust_files import read_crl

_CACHED = 256


@dataclass(frozen=True, eq=False)
class ReadList:
    """A list, read once, with its bytes as they were signed. Equal to itself alone, so that what was found out about it
    can be kept without looking at its bytes again."""

    crl: x509.CertificateRevocationList
    der: bytes


@lru_cache(maxsize=_CACHED)
def read_list(der: bytes) -> ReadList:
    """The list, read once: large ones take milliseconds. Raises InputRefused (key.crl-invalid)."""
    plain = read_crl(der)
    return ReadList(x509.load_der_x509_crl(plain), plain)


def list_fresh_until(known: x509.CertificateRevocationList, max_age: dt.timedelta | None) -> dt.datetime | None:
    """Until its next update, and no longer than `max_age`. A list without a next update never says when it is stale
    (RFC 5280 §5.1.2.5 requires one): only `max_age` bounds it."""
    ends = [] if known.next_update_utc is None else [known.next_update_utc]
    ends += [] if max_age is None else [known.last_update_utc + max_age]
    return min(ends, default=None)


def read_status(source: StatusSource, raw: bytes, *, max_age: dt.timedelta | None) -> PublishedStatus:
    """What a source answered, in DER, with how long it may be used. Who signed it is asked when it is relied on.

    Raises InputRefused (key.crl-invalid, key.ocsp-invalid).
    """
    if source.kind is StatusKind.CRL:
        content = read_crl(raw)
        known = read_list(content).crl
        ends, since = list_fresh_until(known, max_age), known.last_update_utc
    else:
        response = read_response(raw)
        if response is None:
            raise InputRefused(Code.KEY_OCSP_INVALID)
        content, ends, since = raw, fresh_until(response, max_age), response.this_update_utc
    return PublishedStatus(content=content, since=since, fresh_until=ends or since)
