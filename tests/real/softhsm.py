"""SoftHSM2: a PKCS #11 token in software, in a folder of its own."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.real import need

_MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN = "5678"
LABEL = "gateway token"


@dataclass(frozen=True)
class SoftHsm:
    """A token with its module. `environment` is what a process needs to reach it."""

    folder: Path
    module: str

    @property
    def uri(self) -> str:
        """The token for `gateway keys rotate --token`."""
        return f"pkcs11:token={LABEL.replace(' ', '%20')}?module-path={self.module}"

    @property
    def environment(self) -> dict[str, str]:
        """Where SoftHSM2 is told to look."""
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}


def made_in(folder: Path) -> SoftHsm:
    """A new token. Skips the test where SoftHSM2 is missing."""
    program = need.program("softhsm2-util", "softhsm2")
    tokens = folder / "tokens"
    tokens.mkdir()
    made = SoftHsm(folder=folder, module=next(path for path in _MODULES if Path(path).exists()))
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
    call = [program, "--init-token", "--free", "--label", LABEL, "--so-pin", "1234", "--pin", PIN]
    subprocess.run(call, check=True, capture_output=True, env=os.environ | made.environment)
    return made
