"""A real OpenID Connect provider (oidc-provider, npm, certified by the OpenID Foundation) on a free loopback port."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.real import need
from tests.real.ports import free_port

_AT = Path(__file__).parent / "oidcprovider"
_PATIENCE = 30.0
CLIENT, SECRET = "exchange of the tests", "a secret: of the tests"


@dataclass(frozen=True)
class Provider:
    """A running provider."""

    port: int

    @property
    def issuer(self) -> str:
        """As it names itself."""
        return f"http://localhost:{self.port}"


@contextmanager
def running(folder: Path, redirects: Sequence[str]) -> Iterator[Provider]:
    """A provider while the block runs, which sends browsers back to those addresses."""
    need.folder(_AT / "node_modules" / "oidc-provider", "npm ci --prefix tests/real/oidcprovider")
    provider, log = Provider(free_port()), folder / "oidc.log"
    call = [need.program("node", "nodejs"), str(_AT / "serve.mjs"), str(provider.port), CLIENT, SECRET, *redirects]
    with log.open("wb") as output:
        process = subprocess.Popen(call, stdout=output, stderr=output)
    try:
        _wait(provider, process, log)
        yield provider
    finally:
        process.kill()
        process.wait(_PATIENCE)


def _wait(provider: Provider, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            httpx.get(f"{provider.issuer}/.well-known/openid-configuration").raise_for_status()
        except httpx.HTTPError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < ends, log.read_text()
            time.sleep(0.1)
        else:
            return
