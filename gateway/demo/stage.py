"""Where the demonstration plays: a real home in a folder of its own, trust, recipients and a mail server.

Everything is set up through the same use cases that `gateway init`, `keys trust` and `recipients import` call.
"""

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.bootstrap import Gateway, open_gateway
from gateway.demo.counsel import Counsel, verify_counsel
from gateway.demo.mail_server import HOST, MailServer, Received, mail_server
from gateway.demo.pki import Authority, Identity
from gateway.demo.ports import free_port
from gateway.domain.outcomes import Division
from gateway.domain.parties import ChannelName, Language, Recipient
from gateway.home import create_home
from gateway.settings import FILE
from keys.cades import SigningKey
from keys.certificates import fingerprint
from keys.cms.algorithms import PrivateKey

ACTOR = "demonstration"
SENDER = "registry@tribunal.example"
_SERVER_CA = "mail-server-ca.pem"
_RECEIVER = "feed-receiver.pem"
_PUBLIC_EXPONENT = 65537
_WEB_PORT = 8480
"""Wanted; another, where somebody listens on it."""

_KEYS: Mapping[str, Callable[[], PrivateKey]] = {
    "cbsa-hearings": lambda: rsa.generate_private_key(_PUBLIC_EXPONENT, 3072),
    "sorting-centre": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rpd-registry": lambda: ec.generate_private_key(ec.SECP256R1()),
    "counsel-71904v": lambda: ec.generate_private_key(ec.SECP384R1()),
    "counsel-55210f": lambda: rsa.generate_private_key(_PUBLIC_EXPONENT, 2048),
}
"""Who of `samples/recipients.json` has a key, and of what kind: the kinds that readers in the field have."""


@dataclass(frozen=True, kw_only=True)
class Signers:
    """Who signs packages: one for each division, and one who may no longer."""

    of: Mapping[Division, SigningKey]
    revoked: SigningKey


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything the demonstration works with. `readers` are recipients' keys by directory id, in memory only."""

    folder: Path
    gateway: Gateway
    mail: MailServer
    signers: Signers
    readers: Mapping[str, Identity]
    directory: Mapping[str, Recipient]
    case_system: SigningKey
    """By which GCMS opens batches and signs its answers."""
    counsel: Counsel
    """Who collects from the exchange."""
    port: int
    """At which the gateway serves once it is left open."""

    @property
    def home(self) -> Path:
        """The gateway's home."""
        return _home(self.folder)

    @property
    def case_folder(self) -> Path:
        """Through which GCMS is reached."""
        return _case_folder(self.folder)

    @property
    def keys(self) -> Path:
        """The gateway's own keys, outside its home."""
        return _keys(self.folder)


@contextmanager
def stage(language: Language, on_message: Callable[[Received], None]) -> Iterator[Stage]:
    """The stage while the block runs; then nothing of it is left.

    Raises SetupWrong (demo.extra-missing) without the optional extra `demo`.
    """
    folder = Path(tempfile.mkdtemp(prefix="decision-gateway-demo-"))
    try:
        now = dt.datetime.now(dt.UTC)
        root = Authority.root(now)
        issuing = root.authority()
        with mail_server(folder, issuing.mail_server(HOST), issuing.own.pem, on_message) as mail:
            port = free_port(HOST, _WEB_PORT)
            _make_home(folder, language, mail.port, root, port)
            case_system = issuing.case_system("GCMS")
            _reach_case_system(folder, case_system)
            gateway = open_gateway(_home(folder))
            try:
                readers = {
                    name: issuing.recipient(name, address, _KEYS[name]()) for name, address in _addresses().items()
                }
                yield Stage(
                    folder=folder,
                    gateway=gateway,
                    mail=mail,
                    signers=_trusted_signers(gateway, root, issuing),
                    readers=readers,
                    directory=_import_recipients(gateway, readers),
                    case_system=case_system,
                    counsel=verify_counsel(gateway, actor=ACTOR),
                    port=port,
                )
            finally:
                gateway.close()
    finally:
        shutil.rmtree(folder)


def _addresses() -> Mapping[str, str]:
    """The e-mail address of each who has a key: the one its certificate must name."""
    return {
        entry["id"]: way["address"]
        for entry in json.loads(_recipients())["recipients"]
        for way in entry["channels"]
        if "certificate" in way
    }


def _recipients() -> bytes:
    return files("gateway.demo").joinpath("samples/recipients.json").read_bytes()


def _home(folder: Path) -> Path:
    return folder / "home"


def _case_folder(folder: Path) -> Path:
    return folder / "gcms"


def _keys(folder: Path) -> Path:
    return folder / "keys"


def _make_home(folder: Path, language: Language, port: int, root: Authority, web_port: int) -> None:
    home = _home(folder)
    create_home(home, key_dir=_keys(folder), sender=SENDER, language=language)
    (home / _SERVER_CA).write_bytes(root.own.pem)
    mail = {"host": f'"{HOST}"', "port": port, "tls": '"starttls"', "ca": f'"{_SERVER_CA}"', "sender": f'"{SENDER}"'}
    lines = _table(ChannelName.ENCRYPTED_EMAIL, mail)
    lines += _table(ChannelName.SECURE_UPLOAD, {"url": f'"http://{HOST}:{web_port}/exchange"'} | mail)
    with (home / FILE).open("a", encoding="utf-8") as settings:
        settings.write("\n" + "\n".join(lines) + "\n")


def _table(channel: ChannelName, settings: Mapping[str, object]) -> list[str]:
    return [f"[channels.{channel.value}]", *(f"{name} = {one}" for name, one in settings.items())]


def _reach_case_system(folder: Path, case_system: SigningKey) -> None:
    home = _home(folder)
    _case_folder(folder).mkdir()
    (home / _RECEIVER).write_bytes(case_system.certificate.public_bytes(Encoding.PEM))
    before, table, after = (home / FILE).read_text("utf-8").partition("\n[feed]\n")
    reached = after.replace('folder = ""', f'folder = "{_case_folder(folder)}"', 1)
    (home / FILE).write_text(f"{before}{table}{reached}", "utf-8")


def _trusted_signers(gateway: Gateway, root: Authority, issuing: Authority) -> Signers:
    """A signer for each division, pinned to it, as `gateway keys trust … --divisions RPD --signer …` does."""
    of = {division: issuing.signer(f"Registry of the {division.value}") for division in Division}
    revoked = issuing.signer("Registry of the RPD, former officer")
    lists = (root.revocation_list(), issuing.revocation_list(revoked.certificate))
    trusted = [*of.items(), (Division.RPD, revoked)]
    for division, signer in trusted:
        gateway.keyring.trust(
            root.own.pem + issuing.own.pem,
            divisions=division.value,
            signer=fingerprint(signer.certificate),
            crls=lists,
            actor=ACTOR,
        )
    return Signers(of=of, revoked=revoked)


def _import_recipients(gateway: Gateway, readers: Mapping[str, Identity]) -> Mapping[str, Recipient]:
    certificates = {f"{name}.pem": reader.pem for name, reader in readers.items()}
    gateway.keyring.import_recipients(_recipients(), certificates.__getitem__, actor=ACTOR)
    return {entry.id: entry for entry in gateway.directory.all()}
