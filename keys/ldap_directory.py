"""Certificates from an LDAP directory (RFC 4523 `userCertificate;binary`, RFC 2798 `userSMIMECertificate`).

What is asked for is one recipient's address, over verified TLS and nothing else; whoever answers is not trusted any
further: an answer has a time and a size, no referral is followed, and what comes back is a list of claims.
"""

import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from asn1crypto import cms
from cryptography import x509

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown, SetupWrong
from keys.certificates import UNREADABLE

CERTIFICATE, BUNDLE = "userCertificate;binary", "userSMIMECertificate"
ADDRESS = "{address}"
MOST_CERTIFICATES = 50
"""In one answer; a person has a few."""

_TAKEN = frozenset({"success", "noSuchObject"})


@dataclass(frozen=True, kw_only=True)
class LdapPlace:
    """Where and how to ask. `url`: `ldaps://host[:port]`, or `ldap://…`, where StartTLS is required; `filter` holds
    `{address}`; `ca`: PEM, none else is trusted; without `bind_dn` it is asked anonymously. `time_limit` in seconds for
    all of it, `max_bytes` of all answers, `most_entries` that one address may have."""

    url: str
    base: str
    filter: str
    ca: Path
    bind_dn: str = ""
    password_file: Path | None = None
    time_limit: float = 5.0
    max_bytes: int = 1_000_000
    most_entries: int = 5
    host: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Raises SetupWrong (settings.invalid)."""
        place = urlsplit(self.url)
        if place.scheme not in {"ldaps", "ldap"} or not place.hostname or place.path.strip("/"):
            raise SetupWrong(Code.SETTINGS_INVALID, where="directory.url")
        if self.filter.count(ADDRESS) != 1 or not (self.filter.startswith("(") and self.filter.endswith(")")):
            raise SetupWrong(Code.SETTINGS_INVALID, where="directory.filter")
        if bool(self.bind_dn) is not bool(self.password_file):
            raise SetupWrong(Code.SETTINGS_INVALID, where="directory.password_file")
        object.__setattr__(self, "host", place.hostname)

    @property
    def seconds(self) -> int:
        """The time limit as LDAP counts it."""
        return max(1, round(self.time_limit))

    @property
    def implicit(self) -> bool:
        """Whether TLS comes first, else StartTLS."""
        return urlsplit(self.url).scheme == "ldaps"

    @property
    def port(self) -> int:
        """By default the one that is registered."""
        return urlsplit(self.url).port or (636 if self.implicit else 389)


class LdapDirectory:
    """The house's `KeyDirectory`."""

    def __init__(self, place: LdapPlace) -> None:
        """Raises SetupWrong (directory.extra-missing)."""
        try:
            import ldap3  # noqa: F401  (the extra `ldap`)
        except ImportError:
            raise SetupWrong(Code.DIRECTORY_EXTRA_MISSING, where="ldap3") from None
        self._place = place

    def check(self) -> None:
        """See `KeyDirectory`."""
        import ldap3

        with self._bound() as connection:
            connection.search(self._place.base, "(objectClass=*)", ldap3.BASE, attributes=[ldap3.NO_ATTRIBUTES])
            if connection.result["description"] != "success":
                raise SetupWrong(Code.SETTINGS_INVALID, where="directory.base")

    def certificates(self, address: str) -> Sequence[bytes]:
        """See `KeyDirectory`."""
        with self._bound() as connection:
            found = dict.fromkeys(one for each in self._answers(connection, address) for one in _certificates(each))
            if len(found) > MOST_CERTIFICATES:
                raise ServiceDown(Code.DIRECTORY_UNAVAILABLE, where=self._place.host)
            return list(found)

    def _answers(self, connection: Any, address: str) -> list[Mapping[str, Any]]:
        import ldap3
        from ldap3.utils.conv import escape_filter_chars

        place = self._place
        connection.search(
            place.base,
            place.filter.replace(ADDRESS, escape_filter_chars(address)),
            attributes=[CERTIFICATE, BUNDLE],
            dereference_aliases=ldap3.DEREF_NEVER,
            size_limit=place.most_entries,
            time_limit=place.seconds,
        )
        if connection.result["description"] not in _TAKEN or len(connection.response) > place.most_entries:
            raise ServiceDown(Code.DIRECTORY_UNAVAILABLE, where=place.host)
        return [one["raw_attributes"] for one in connection.response if one["type"] == "searchResEntry"]

    @contextmanager
    def _bound(self) -> Iterator[Any]:
        """A connection over verified TLS by which the server knows us. Raises as `KeyDirectory`: what goes wrong with
        it meanwhile is the directory's."""
        from ldap3.core.exceptions import LDAPExceptionError

        context, password = _context(self._place.ca), _password(self._place.password_file)
        try:
            connection = self._connection(context, password)
            try:
                self._bind(connection)
                yield connection
            finally:
                _let_go(connection)
        except (
            LDAPExceptionError,
            OSError,
            ValueError,
            TypeError,
            IndexError,
            KeyError,
        ):  # the library reads hostile BER
            raise ServiceDown(Code.DIRECTORY_UNAVAILABLE, where=self._place.host) from None

    def _connection(self, context: ssl.SSLContext, password: str | None) -> Any:
        import ldap3

        place = self._place
        server = ldap3.Server(
            place.host,
            port=place.port,
            use_ssl=place.implicit,
            get_info=ldap3.NONE,
            connect_timeout=place.seconds,
            tls=_tls(context, place),
        )
        return ldap3.Connection(
            server,
            user=place.bind_dn or None,
            password=password,
            auto_referrals=False,
            check_names=False,
            read_only=True,
            receive_timeout=place.seconds,
        )

    def _bind(self, connection: Any) -> None:
        connection.open()
        if not (self._place.implicit or connection.start_tls()):
            raise ServiceDown(Code.DIRECTORY_UNAVAILABLE, where=self._place.host)
        if not connection.bind():
            if connection.result["description"] == "invalidCredentials":
                raise SetupWrong(Code.SETTINGS_INVALID, where="directory.password_file")
            raise ServiceDown(Code.DIRECTORY_UNAVAILABLE, where=self._place.host)


class _Bounded:
    """A socket that gives no more than so many bytes, and none after its time."""

    def __init__(self, over: ssl.SSLSocket, *, max_bytes: int, until: float) -> None:
        self._over = over
        self._left = max_bytes
        self._until = until

    def recv(self, size: int) -> bytes:
        """Raises OSError past either."""
        left = self._until - time.monotonic()
        if left <= 0 or self._left <= 0:
            raise OSError
        self._over.settimeout(left)
        got = self._over.recv(min(size, self._left + 1))
        self._left -= len(got)
        return got

    def __getattr__(self, name: str) -> Any:
        return getattr(self._over, name)


def _tls(context: ssl.SSLContext, place: LdapPlace) -> Any:
    """ldap3's TLS with a context of ours, which checks the name in the certificate itself, and a bounded socket."""
    import ldap3

    class Tls(ldap3.Tls):  # type: ignore[misc]
        """See `ldap3.Tls`."""

        def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
            """Before anything is said over it, or after StartTLS."""
            over = context.wrap_socket(connection.socket, server_hostname=place.host)
            until = time.monotonic() + place.time_limit
            connection.socket = _Bounded(over, max_bytes=place.max_bytes, until=until)

    return Tls(validate=ssl.CERT_REQUIRED)


def _let_go(connection: Any) -> None:
    connection.strategy.close()
    if connection.socket is not None:  # left open where the connection never was
        connection.socket.close()


def _context(ca: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca))
    except OSError:  # ssl.SSLError too: no certificate in it
        raise SetupWrong(Code.FILE_UNREADABLE, where=str(ca)) from None


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise SetupWrong(Code.FILE_UNREADABLE, where=str(path)) from None


def _certificates(answer: Mapping[str, Any]) -> Iterator[bytes]:
    """Whatever case and options the server writes the names in."""
    for name, values in answer.items():
        kind = name.lower().partition(";")[0]
        for value in values:
            if kind == "usercertificate" and _is_certificate(value):
                yield value
            elif kind == BUNDLE.lower():
                yield from _of_bundle(value)


def _of_bundle(value: bytes) -> Iterator[bytes]:
    """The end certificates of a PKCS #7 SignedData, signed or only certificates; authorities' stay out."""
    try:
        content = cms.ContentInfo.load(value)  # type: ignore[no-untyped-call]
        held = content["content"]["certificates"] if content["content_type"].native == "signed_data" else ()
        found = [one.chosen.dump() for one in held if one.name == "certificate"]
    except (ValueError, TypeError, KeyError):
        return
    yield from (one for one in found if _is_certificate(one))


def _is_certificate(value: bytes) -> bool:
    try:
        certificate = x509.load_der_x509_certificate(value)
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return True
    except UNREADABLE:
        return False
    return not constraints.ca
