"""Whom to speak to at the post, and as whom, read when it is spoken to."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

_GROUP_AND_OTHERS = 0o077


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who hands over at an office, as the post's schema asks for it (shipment-v8, SenderType)."""

    company: str
    phone: str
    address: str
    city: str
    province: str
    postal_code: str


@dataclass(frozen=True, kw_only=True)
class CanadaPostPlace:
    """url: of the service, without a slash at its end. customer, on_behalf_of, contract: the post's numbers for us.
    username and password: the two halves of the API key. senders: by office."""

    url: str
    customer: str
    on_behalf_of: str
    contract: str
    username: str
    password: str = field(repr=False)
    senders: Mapping[str, Sender]
    tls: ssl.SSLContext = field(repr=False)


def read_password(path: Path, where: str) -> str:
    """The secret, from a file for its owner alone. Raises SetupWrong (settings.invalid, seal.key-permissions)."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _GROUP_AND_OTHERS:
                raise SetupWrong(Code.SEAL_KEY_PERMISSIONS, where=str(path))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        raise SetupWrong(Code.SETTINGS_INVALID, where=where) from None


def context_of(ca: Path | None, where: str) -> ssl.SSLContext:
    """TLS with the authorities of that file, or those of this machine. Raises SetupWrong (settings.invalid)."""
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError):
        raise SetupWrong(Code.SETTINGS_INVALID, where=where) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
