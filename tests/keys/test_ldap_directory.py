"""Certificates looked up in a real directory: verified TLS or nothing, bounded, unfollowed, and only ever proposed."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates

from gateway.application.people.approvals import Outcome
from gateway.bootstrap import Gateway, open_gateway
from gateway.domain.accounts import AccountRole
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import InputRefused, NoSuchThing, Problem, ServiceDown, SetupWrong
from gateway.home import create_home
from keys import ldap_directory
from keys.ldap_directory import LdapDirectory, LdapPlace
from tests.e2e.home import DAY, NOW, directory, ordered, reader
from tests.keys.pki import Authority, ca_order
from tests.keys.test_recipient_trust import names
from tests.real.certificates import Authority as Servers
from tests.real.slapd import ADMIN, BASE, Slapd, running

pytestmark = pytest.mark.real

ADDRESS = "a@b.example"
AUTHORITY = Authority.root(ordered(ca_order("Root")))


def der(**changes: Any) -> bytes:
    whole: dict[str, Any] = {"extensions": (names(ADDRESS),)} | changes
    return reader(AUTHORITY, **whole).public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with running(tmp_path_factory.mktemp("slapd")) as server:
        yield server


def place(slapd: Slapd, url: str | None = None) -> LdapPlace:
    return LdapPlace(
        url=url or slapd.ldaps,
        base=BASE,
        filter="(mail={address})",
        ca=slapd.ca,
        bind_dn=ADMIN,
        password_file=slapd.password_file,
    )


def refused(at: LdapPlace, address: str = ADDRESS) -> Code:
    with pytest.raises(Problem) as caught:
        LdapDirectory(at).certificates(address)
    return caught.value.code


@pytest.mark.parametrize("how", ["ldaps", "starttls"])
def test_certificates_and_the_end_certificates_of_bundles_are_found(how: str, slapd: Slapd) -> None:
    plain, bundled = der(), reader(AUTHORITY, extensions=(names(ADDRESS),))
    address = f"{how}@b.example"
    bundle = serialize_certificates([AUTHORITY.certificate, bundled], Encoding.DER)
    slapd.person(
        how,
        address,
        userCertificate=[plain, AUTHORITY.certificate.public_bytes(Encoding.DER)],
        userSMIMECertificate=[bundle, b"no bundle", b"\x30\x80"],
    )
    at = place(slapd, slapd.ldaps if how == "ldaps" else slapd.starttls)
    assert LdapDirectory(at).certificates(address) == [plain, bundled.public_bytes(Encoding.DER)]
    assert LdapDirectory(at).certificates("nobody@b.example") == []


def test_an_address_is_never_part_of_the_question(slapd: Slapd) -> None:
    slapd.person("secret", "secret@b.example", userCertificate=[der()])
    for address in ("*", "secret*", "x)(mail=secret@b.example", "*)(objectClass=*"):
        assert LdapDirectory(place(slapd)).certificates(address) == []


def test_nothing_is_said_without_the_pinned_authority_and_the_name(slapd: Slapd, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(Servers.root("Another").own.pem)
    for url in (slapd.ldaps, slapd.starttls):
        assert refused(replace(place(slapd, url), ca=other)) is Code.DIRECTORY_UNAVAILABLE
        by_number = url.replace("localhost", "127.0.0.1")
        assert refused(place(slapd, by_number)) is Code.DIRECTORY_UNAVAILABLE
    assert refused(replace(place(slapd), ca=tmp_path / "missing.pem")) is Code.FILE_UNREADABLE


def test_a_server_without_starttls_hears_no_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret")
    heard = bytearray()

    def refuses(peer: socket.socket) -> None:
        heard.extend(peer.recv(4096))
        peer.sendall(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00")
        heard.extend(peer.recv(4096))

    (tmp_path / "ca.pem").write_bytes(Servers.root("Some").own.pem)
    with answering(refuses) as port:
        at = LdapPlace(
            url=f"ldap://localhost:{port}",
            base=BASE,
            filter="(mail={address})",
            ca=tmp_path / "ca.pem",
            bind_dn=ADMIN,
            password_file=tmp_path / "password",
            time_limit=30,
        )
        assert refused(at) is Code.DIRECTORY_UNAVAILABLE
    assert b"1.3.6.1.4.1.1466.20037" in heard
    assert b"secret" not in heard


def test_a_wrong_password_a_referral_and_too_many_entries_are_no_answer(slapd: Slapd, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    assert refused(replace(place(slapd), password_file=wrong)) is Code.SETTINGS_INVALID
    assert refused(replace(place(slapd), base="dc=elsewhere,dc=example")) is Code.DIRECTORY_UNAVAILABLE
    for number in range(6):
        slapd.person(f"many {number}", "many@b.example", userCertificate=[der()])
    assert refused(place(slapd), "many@b.example") is Code.DIRECTORY_UNAVAILABLE
    assert len(LdapDirectory(replace(place(slapd), most_entries=6)).certificates("many@b.example")) == 6


def test_an_answer_past_its_size_is_no_answer(slapd: Slapd) -> None:
    slapd.person("large", "large@b.example", userCertificate=[der()], jpegPhoto=[b"x"])
    slapd.person("huge", "huge@b.example", userSMIMECertificate=[bytes(300_000)])
    assert refused(replace(place(slapd), max_bytes=100_000), "huge@b.example") is Code.DIRECTORY_UNAVAILABLE
    assert LdapDirectory(place(slapd)).certificates("huge@b.example") == []


@contextmanager
def answering(answer: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server of one connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            try:
                with context.wrap_socket(peer, server_side=True) if context else peer as over:
                    answer(over)
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(30)


def _endless(peer: socket.socket) -> None:
    peer.sendall(b"\x30\x84\x7f\xff\xff\xff")
    while True:
        peer.sendall(bytes(65536))


def _slow(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"\x30")
        time.sleep(0.2)


def _rubbish(peer: socket.socket) -> None:
    peer.recv(4096)
    peer.sendall(b"\x30\x05\x02\x01\x01\x61\x80" * 20)


@pytest.mark.parametrize("answer", [_endless, _slow, _rubbish])
def test_a_hostile_server_is_left_within_the_time_and_size(
    answer: Callable[[socket.socket], None], tmp_path: Path
) -> None:
    root = Servers.root("Hostile")
    certificate, key = root.server("localhost").write(tmp_path, "server")
    (tmp_path / "ca.pem").write_bytes(root.own.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    begun = time.monotonic()
    with answering(answer, context) as port:
        at = LdapPlace(
            url=f"ldaps://localhost:{port}", base=BASE, filter="(mail={address})", ca=tmp_path / "ca.pem", time_limit=1
        )
        assert refused(at) is Code.DIRECTORY_UNAVAILABLE
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("url", "http://localhost"),
        ("url", "ldap://"),
        ("filter", "(mail=*)"),
        ("filter", "mail={address}"),
        ("bind_dn", ""),
    ],
)
def test_what_cannot_be_asked_safely_is_refused_at_start(setting: str, value: str, slapd: Slapd) -> None:
    stated: dict[str, Any] = {setting: value}
    with pytest.raises(SetupWrong) as caught:
        replace(place(slapd), **stated)
    assert caught.value.code is Code.SETTINGS_INVALID


def point_at(slapd: Slapd, home: Path) -> None:
    """The home asks that directory."""
    settings = home / "gateway.toml"
    lines = {"url": slapd.ldaps, "base": BASE, "ca": slapd.ca, "bind_dn": ADMIN, "password_file": slapd.password_file}
    text = settings.read_text()
    head, table, rest = text.partition("[directory]")
    for name, value in lines.items():
        old = next(line for line in rest.splitlines() if line.startswith(f"{name} = "))
        rest = rest.replace(old, f'{name} = "{value}"', 1)
    settings.write_text(head + table + rest)


@pytest.fixture
def gateway(tmp_path: Path, slapd: Slapd) -> Iterator[Gateway]:
    home = tmp_path / "home"
    create_home(home, key_dir=tmp_path / "keys", sender="registry@tribunal.example", language=Language.EN)
    point_at(slapd, home)
    opened = open_gateway(home)
    file = directory(tmp_path, reader(AUTHORITY))
    opened.keyring.import_recipients(file.read_bytes(), lambda path: (tmp_path / path).read_bytes(), actor="test")
    yield opened
    opened.close()


def test_what_is_found_is_judged_and_becomes_a_proposal_only_when_a_person_names_it(
    gateway: Gateway, slapd: Slapd
) -> None:
    good, other, nameless = der(), der(extensions=(names("other@b.example"),)), der(extensions=())
    past = der(not_after=NOW - DAY)
    slapd.person("reader", ADDRESS, userCertificate=[good, other, nameless, past])
    before = gateway.directory.known("cbsa-gta")
    found = {one.certificate: one.fault for one in gateway.lookup.look_up("cbsa-gta")}
    assert found == {
        good: None,
        other: Code.KEY_WRONG_ADDRESS,
        nameless: Code.KEY_WRONG_ADDRESS,
        past: Code.KEY_EXPIRED,
    }
    assert gateway.directory.known("cbsa-gta") == before
    for name in ("alice", "bob"):
        gateway.staff.add(
            name,
            frozenset({AccountRole.ADMINISTRATOR, AccountRole.APPROVER}),
            digest=name.encode().hex().ljust(64, "0"),
            actor="alice",
            reason="new",
        )
    fingerprint = {one.certificate: str(one.view["fingerprint"]) for one in gateway.lookup.look_up("cbsa-gta")}
    with pytest.raises(InputRefused) as refusal:
        gateway.lookup.propose("cbsa-gta", fingerprint[other], actor="alice", reason="found")
    assert refusal.value.code is Code.KEY_WRONG_ADDRESS
    with pytest.raises(NoSuchThing):
        gateway.lookup.propose("cbsa-gta", "ab" * 32, actor="alice", reason="found")
    made = gateway.lookup.propose("cbsa-gta", fingerprint[good], actor="alice", reason="found")
    assert made.outcome is Outcome.PROPOSED
    assert gateway.directory.known("cbsa-gta") == before
    gateway.approvals.approve(made.proposal or "", actor="bob", reason="compared")
    (way,) = gateway.directory.known("cbsa-gta").channels
    assert way.certificate == good
    assert [one.pinned for one in gateway.lookup.look_up("cbsa-gta") if one.certificate == good] == [True]


def test_a_directory_that_is_away_is_said_to_be(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldap_directory.LdapPlace, "port", 9)
    with pytest.raises(ServiceDown) as caught:
        gateway.lookup.look_up("cbsa-gta")
    assert (caught.value.code, caught.value.where) == (Code.DIRECTORY_UNAVAILABLE, "localhost")
