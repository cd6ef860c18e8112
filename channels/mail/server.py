"""The mail server this channel hands over to, and how it is known to be the right one."""

import ipaddress
import ssl
from dataclasses import dataclass, field
from enum import StrEnum


class Tls(StrEnum):
    """How the connection is protected. There is no opportunistic mode."""

    STARTTLS = "starttls"
    """RFC 3207, required: without the offer nothing is sent."""
    IMPLICIT = "implicit"
    """RFC 8314 §3.3."""
    NONE = "none"
    """Only to this machine itself."""


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where to connect and as whom. `name`: what its certificate must say. `context` is None only for `Tls.NONE`.

    ehlo_name: how we introduce ourselves; empty: our address literal (RFC 5321 §4.1.4).
    """

    host: str
    port: int
    tls: Tls
    context: ssl.SSLContext | None
    name: str
    ehlo_name: str = ""
    username: str = ""
    password: str = field(default="", repr=False)


def pinned_context(pem: str) -> ssl.SSLContext:
    """Trust in the given certificates and no others: a root, an issuing authority or the server's own.

    Raises ssl.SSLError or ValueError when `pem` holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=pem)
    # Without it an issuing authority alone is no anchor: "unable to get issuer certificate".
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def is_loopback(host: str) -> bool:
    """Whether `host` certainly is this machine: a literal loopback address or `localhost`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
