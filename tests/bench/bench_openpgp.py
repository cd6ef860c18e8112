"""OpenPGP beside `gpg` on the same bytes: one call, as a script would make it, of a key that needs no passphrase."""

import base64
import os
import subprocess
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path

from keys.openpgp import OpenPgpProtector
from keys.openpgp_room import OpenPgpRoom
from tests.keys.openpgp import make, own_key, reader
from tests.keys.test_openpgp import LATER

SIZES = (200_000, 5_000_000)
KINDS = ("ed25519", "rsa-3072")


def _milliseconds(work: Callable[[], object], repeats: int) -> float:
    work()
    return min(timeit.repeat(work, number=repeats, repeat=5)) / repeats * 1000


def _gpg(room: OpenPgpRoom, signer: str, recipient: str, file: Path) -> Callable[[], object]:
    call = ["gpg", "--homedir", room.gpg.gnupghome, "--batch", "--yes", "--trust-model", "always", "--armor"]
    call += ["--compress-algo", "none", "--sign", "--local-user", f"{signer}!", "--recipient", recipient]
    call += ["--output", f"{file}.asc", "--encrypt", str(file)]
    return lambda: subprocess.run(call, check=True, capture_output=True)


def _print(kind: str, size: int, folder: Path) -> None:
    one, room, stock = reader(kind), OpenPgpRoom(), OpenPgpRoom()
    entity = base64.encodebytes(os.urandom(size * 3 // 4)).replace(b"\n", b"\r\n")[:size]
    file = folder / "entity"
    file.write_bytes(entity)
    stock.ensure("one", one.public)
    protector, address = OpenPgpProtector(own_key, room), one.address()
    repeats = 10 if size < 10**6 else 3
    ours = _milliseconds(lambda: protector.protect(entity, address=address, at=LATER), repeats)
    theirs = _milliseconds(_gpg(stock, make(stock, usage=""), one.fingerprint, file), repeats)
    print(
        f"OpenPGP Ed25519 to {kind:<8} {size / 1000:>5.0f} kB  protect {ours:7.2f} ms  "
        f"{ours / theirs:5.2f} x gpg ({theirs:6.1f} ms)"
    )
    for used in (room, stock, one.room):
        used.close()


def main() -> None:
    """Prints milliseconds and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            for kind in KINDS:
                _print(kind, size, Path(folder))


if __name__ == "__main__":
    main()
