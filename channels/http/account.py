"""Who we are to a server over HTTPS, read strictly: the server is known by certificates, ourselves by OAuth2 or a
certificate of ours."""

import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from gateway.domain.calls import is_this_machine
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

_GROUP_AND_OTHERS = 0o077


def _url(text: str) -> str:
    place = urlsplit(text)
    host = place.hostname or ""
    secure = place.scheme == "https" or (place.scheme == "http" and is_this_machine(host))
    if not secure or not host or place.query or place.fragment or place.username is not None:
        raise ValueError("no address of a server")
    return text


_Url = Annotated[str, AfterValidator(_url)]


class AccountSettings(BaseModel):
    """An account at a server. Paths of files start at the home."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    url: _Url
    ca: str = ""
    token_url: _Url | None = None
    client_id: str = ""
    secret_file: str = ""
    scope: str = ""
    certificate: str = ""
    key_file: str = ""

    @model_validator(mode="after")
    def _known(self) -> Self:
        """By a token or by a certificate, and each whole."""
        by_token = bool(self.token_url and self.client_id and self.secret_file)
        by_certificate = bool(self.certificate and self.key_file)
        any_of_both = (self.token_url, self.client_id, self.secret_file, self.scope), (self.certificate, self.key_file)
        if not (by_token or by_certificate) or by_token != any(any_of_both[0]) or by_certificate != any(any_of_both[1]):
            raise ValueError("an account is known by a token or a certificate")
        return self

    def account(self, home: Path, where: str) -> "Account":
        """Whom to speak to, with the secrets, read now. `where`: the settings' own place, as `tus.NAME`.

        Raises SetupWrong: settings.invalid; seal.key-permissions when anyone but the owner may touch a secret.
        """
        grant = None
        if self.token_url is not None:
            secret = _private(home / self.secret_file, f"{where}.secret_file").decode("utf-8", "replace").strip()
            grant = Grant(url=self.token_url, client_id=self.client_id, secret=secret, scope=self.scope)
        return Account(url=self.url, tls=self._context(home, where), grant=grant)

    def _context(self, home: Path, where: str) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=str(home / self.ca) if self.ca else None)
        except (OSError, ssl.SSLError):
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"{where}.ca") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate:
            _private(home / self.key_file, f"{where}.key_file")
            try:
                # An answer to a key with a passphrase that is wrong: else OpenSSL asks at the terminal.
                context.load_cert_chain(home / self.certificate, home / self.key_file, password="")
            except (OSError, ssl.SSLError):
                raise SetupWrong(Code.SETTINGS_INVALID, where=f"{where}.certificate") from None
        return context


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Client credentials (RFC 6749 §4.4)."""

    url: str
    client_id: str
    secret: str = field(repr=False)
    scope: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account at a server. `grant`: how tokens are had; None: our certificate says who we are."""

    url: str
    tls: ssl.SSLContext = field(repr=False)
    grant: Grant | None


def _private(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _GROUP_AND_OTHERS:
                raise SetupWrong(Code.SEAL_KEY_PERMISSIONS, where=str(path))
            return file.read()
    except OSError:
        raise SetupWrong(Code.SETTINGS_INVALID, where=where) from None
