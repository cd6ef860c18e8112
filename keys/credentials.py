"""Where the passphrase of the gateway's own keys comes from. The first that is there is taken:

1. the file that GATEWAY_PASSPHRASE_FILE names;
2. the variable GATEWAY_PASSPHRASE;
3. the credential `gateway-passphrase` of the service (systemd: `LoadCredential=`, `LoadCredentialEncrypted=`);
4. the secret `gateway-passphrase` of the container (Compose: `secrets:`).

The PIN of a PKCS #11 token comes the same way: GATEWAY_PKCS11_PIN_FILE, GATEWAY_PKCS11_PIN, `gateway-pkcs11-pin`.
A file is better than a variable, which other processes of the same user can read.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

PASSPHRASE = "passphrase"  # noqa: S105
PIN = "pkcs11-pin"
CONTAINER_SECRETS = Path("/run/secrets")


def passphrase(environment: Mapping[str, str] | None = None) -> bytes | None:
    """The passphrase, without the end of line that a file may have; None where there is none.

    Raises SetupWrong: file.unreadable; key.passphrase for an empty one, which protects nothing.
    """
    return _secret(PASSPHRASE, os.environ if environment is None else environment)


def token_pin(environment: Mapping[str, str] | None = None) -> str | None:
    """The PIN of the token. Raises as `passphrase` does."""
    pin = _secret(PIN, os.environ if environment is None else environment)
    return None if pin is None else pin.decode("utf-8", "replace")


def _secret(name: str, given: Mapping[str, str]) -> bytes | None:
    for where, found in _sources(name, given):
        if not found:
            raise SetupWrong(Code.KEY_PASSPHRASE, where=where)
        return found
    return None


def _sources(name: str, given: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    variable = f"GATEWAY_{name.replace('-', '_').upper()}"
    file = f"{variable}_FILE"
    if given.get(file):
        yield file, _read(Path(given[file]), file)
    if variable in given:
        yield variable, given[variable].encode()
    for folder in (given.get("CREDENTIALS_DIRECTORY"), CONTAINER_SECRETS):
        path = Path(folder) / f"gateway-{name}" if folder else None
        if path is not None and path.exists():
            yield str(path), _read(path, str(path))


def _read(path: Path, where: str) -> bytes:
    try:
        return path.read_bytes().rstrip(b"\r\n")
    except OSError:
        raise SetupWrong(Code.FILE_UNREADABLE, where=where) from None
