"""A home by its command line: what is made, imported, listed and shown."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from gateway.application.schemas import NAMES
from tests.e2e.home import DAY, NOW, Home, directory, fingerprint, ordered, reader
from tests.e2e.lately import minimal
from tests.keys.pki import Authority, ca_order, ec_key, key_pem, pem

pytestmark = pytest.mark.slow  # each call is a process that loads the gateway


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One home for the tests that change nothing others look at."""
    return Home(tmp_path_factory.mktemp("standing")).made()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.root(ordered(ca_order("Root")))


# init


def test_init_makes_a_home_that_only_its_owner_can_enter(home: Home) -> None:
    assert home.json("init") == {"home": str(home.path), "created": True, "completed": False}
    modes = {name: mode for name, (mode, _) in home.state().items()}
    folders = {name for name in modes if (home.folder / name).is_dir()}
    assert {"home", "home/keys", "home/vault"} <= folders
    assert {modes[name] for name in folders} == {0o700}
    assert {"home/gateway.toml", "home/gateway.db", "home/keys/mail-ca.pem"} <= set(modes)
    assert {mode for name, mode in modes.items() if name not in folders} == {0o600}


def test_init_again_changes_nothing(home: Home) -> None:
    home.made()
    before = home.state()
    assert home.json("init") == {"home": str(home.path), "created": False, "completed": False}
    assert "Nothing was changed" in home.run("init", "--sender", "other@tribunal.example").stdout
    assert home.state() == before


def test_init_says_that_it_made_what_a_home_lacked_of_this_release(home: Home) -> None:
    home.made()
    for key in ("dispatch-seal.key", "dispatch-seal.pem"):  # as it came with a later release
        (home.path / "keys" / key).unlink()
    assert home.json("init") == {"home": str(home.path), "created": False, "completed": True}
    assert "What it lacked of this release was made" not in home.run("init").stdout


def test_init_completes_what_was_cut_off(home: Home) -> None:
    home.made()
    (home.path / "gateway.db").unlink()
    (home.path / "keys" / "mail-signing.pem").unlink()
    kept = (home.path / "keys" / "mail-ca.pem").read_bytes()
    home.run("init")
    assert (home.path / "keys" / "mail-ca.pem").read_bytes() == kept
    assert home.json("recipients", "list") == {"recipients": []}


def test_a_home_that_cannot_be_made_is_not_called_a_full_disk(home: Home) -> None:
    home.path.write_text("a file stands in the way")
    problem = home.refused("init", expect=3)
    assert (problem["code"], problem["where"]) == ("file.unwritable", str(home.path))


def test_init_makes_no_new_keys_where_something_is_sealed_under_others(home: Home) -> None:
    home.made("--key-dir", home.folder / "elsewhere")
    (home.folder / "elsewhere").rename(home.folder / "not-mounted")
    problem = home.refused("init", expect=6)
    assert (problem["code"], problem["where"].endswith("kek-*.key")) == ("key.missing", True)
    assert [path for path in (home.folder / "elsewhere").rglob("*") if path.is_file()] == []
    (home.folder / "elsewhere").rmdir()
    (home.folder / "not-mounted").rename(home.folder / "elsewhere")
    home.run("init")
    home.run("recipients", "list")


def test_the_keys_go_where_key_dir_says_and_doctor_is_content_with_that(home: Home) -> None:
    home.made("--key-dir", home.folder / "elsewhere")
    assert not (home.path / "keys").exists()
    assert {path.name for path in (home.folder / "elsewhere").glob("*.pem")} >= {"mail-ca.pem", "mail-signing.pem"}
    checks = {one["check"]: one["finding"] for one in home.json("doctor")["checks"]}
    assert checks["keys"] == "good"


def test_the_sender_stands_in_the_certificate_that_signs_its_messages(home: Home) -> None:
    home.made("--sender", "greffe@tribunal.example")
    certificate = x509.load_pem_x509_certificate((home.path / "keys" / "mail-signing.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.RFC822Name) == ["greffe@tribunal.example"]
    assert '# sender = "greffe@tribunal.example"' in (home.path / "gateway.toml").read_text()


@pytest.mark.parametrize("sender", ["nobody", "a@b", 'a"@b.example', ""])
def test_a_sender_that_is_no_address_is_refused_before_anything_is_made(home: Home, sender: str) -> None:
    assert home.refused("init", "--sender", sender, expect=3)["where"] == "--sender"
    assert not home.path.exists()


def test_the_settings_are_commented_in_the_language_of_the_person(home: Home) -> None:
    home.language = "fr"
    home.made()
    assert "# Le bureau que cette passerelle sert." in (home.path / "gateway.toml").read_text(encoding="utf-8")
    home.run("doctor")


# doctor and schema


def test_doctor_looks_at_everything_and_says_what_a_new_home_lacks(standing: Home) -> None:
    checks = {one["check"]: one for one in standing.json("doctor")["checks"]}
    names = [
        "home",
        "keys",
        "vault",
        "space",
        "trust",
        "channels",
        "rules",
        "pauses",
        "destinations",
        "recipients",
        "directory",
        "steps",
        "work",
        "receipts",
        "broker",
        "waiting",
        "mailboxes",
        "exchanges",
        "providers",
        "sign-in",
        "endpoints",
        "ledger",
        "stamps",
        "backup",
        "mail-room",
        "carrier-service",
        "print-vendor",
        "drop",
        "feed",
        "accounts",
        "traces",
    ]
    assert list(checks) == names
    warned = {name for name, one in checks.items() if one["finding"] == "warning"}
    assert warned - {"space"} == {"keys", "trust", "channels", "rules", "ledger", "backup", "accounts"}
    assert "gateway keys trust" in checks["trust"]["detail"]
    assert checks["home"] == {"check": "home", "finding": "good", "detail": None}


def test_what_doctor_prints_for_a_person_is_whole(standing: Home) -> None:
    shown = " ".join(standing.run("doctor").stdout.split())
    assert "for example [channels.encrypted-email]" in shown


def test_doctor_names_what_keeps_a_home_from_opening_and_exits_with_6(home: Home) -> None:
    home.made()
    home.more = {"GATEWAY_LIMITS__PACKAGE": "much"}
    (check,) = home.json("doctor", expect=6)["checks"]
    assert (check["check"], check["finding"], check["code"]) == ("home", "wrong", "settings.invalid")
    assert "limits.package" in check["detail"]


@pytest.mark.parametrize("name", NAMES)
def test_a_published_schema_is_a_schema(standing: Home, name: str) -> None:
    published = json.loads(standing.run("schema", name).stdout)
    Draft202012Validator.check_schema(published)
    if name == "decision-package":
        Draft202012Validator(published).validate(minimal())


# tokens


def test_a_token_is_shown_once_and_revoked_for_good(home: Home) -> None:
    home.made()
    done = home.run("--as", "a.clerk", "tokens", "create", "nova", "--scope", "submit", "--scope", "read")
    secret = done.stdout.strip()
    assert re.fullmatch(r"dgw_[A-Za-z0-9_-]{43}", secret)
    assert "this once" in done.stderr
    (token,) = home.json("tokens", "list")["tokens"]
    assert (token["name"], token["scopes"], token["created_by"]) == ("nova", ["read", "submit"], "a.clerk")
    assert token["revoked_at"] is None
    assert all(secret.encode() not in content for _, content in home.state().values())
    assert home.json("tokens", "revoke", token["token"]) == {"token": token["token"], "revoked": True}
    (after,) = home.json("tokens", "list")["tokens"]
    assert after["revoked_at"] is not None


def test_the_same_secret_never_comes_twice(home: Home) -> None:
    home.made()
    secrets = {home.json("tokens", "create", "one", "--scope", "read")["secret"] for _ in range(3)}
    assert len(secrets) == 3


# recipients


def test_a_recipient_is_imported_listed_and_shown(home: Home, authority: Authority) -> None:
    home.made()
    assert "import" in home.run("recipients", "list").stdout
    certificate = reader(authority)
    imported = home.json("recipients", "import", directory(home.folder, certificate))
    (change,) = imported["changes"]
    assert (imported["recipients"], change["outcome"]) == (["cbsa-gta"], "applied")
    (listed,) = home.json("recipients", "list")["recipients"]
    shown = home.json("recipients", "show", "cbsa-gta")
    assert listed == {name: value for name, value in shown.items() if name != "history"}
    assert (shown["kind"], shown["divisions"], shown["offices"]) == ("minister-counsel", ["IAD", "RPD"], ["toronto"])
    (way,) = shown["channels"]
    der = certificate.public_bytes(Encoding.DER)
    assert way["certificate"]["fingerprint"] == fingerprint(der)
    assert not way["certificate"]["expired"]
    for_a_person = home.run("recipients", "show", "cbsa-gta").stdout
    assert "counsel for the Minister" in for_a_person
    assert "encrypted e-mail" in for_a_person
    contact = home.folder / "contact.json"
    contact.write_text(json.dumps({"email": "moved@cbsa.example"}))
    corrects = ("recipients", "correct-address", "cbsa-gta", contact)
    assert home.refused(*corrects, expect=3)["code"] == "recipient.key-unsaid"
    said = ("--fingerprint", way["certificate"]["fingerprint"])
    assert home.json(*corrects, *said)["cautions"] == ["new-address", "kept-key", "no-address-in-certificate"]
    assert home.json("recipients", "show", "cbsa-gta")["channels"][0]["address"] == "moved@cbsa.example"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"kind": "friend"}, "$.recipients[0].kind"),
        ({"offices": ["atlantis"]}, "$.recipients[0].offices[0]"),
        ({"colour": "red"}, "$.recipients[0].colour"),
    ],
)
def test_a_directory_file_with_an_error_is_refused_whole(
    standing: Home, authority: Authority, tmp_path: Path, changes: dict[str, Any], where: str
) -> None:
    file = directory(tmp_path, reader(authority), **changes)
    problem = standing.refused("recipients", "import", file, expect=3)
    assert (problem["code"], problem["where"]) == ("recipient.file-invalid", where)
    assert standing.json("recipients", "list") == {"recipients": []}


def test_a_certificate_that_has_expired_is_refused_and_its_recipient_named(
    standing: Home, authority: Authority, tmp_path: Path
) -> None:
    file = directory(tmp_path, reader(authority, not_after=NOW - DAY))
    problem = standing.refused("recipients", "import", file, expect=3)
    assert (problem["code"], problem["where"]) == ("key.expired", "cbsa-gta")


def test_a_file_that_is_no_certificate_is_refused_by_its_name(
    standing: Home, authority: Authority, tmp_path: Path
) -> None:
    file = directory(tmp_path, reader(authority))
    (tmp_path / "cbsa.pem").write_text("not a certificate")
    problem = standing.refused("recipients", "import", file, expect=3)
    assert (problem["code"], problem["where"]) == ("key.unreadable", "cbsa.pem")


def test_a_directory_file_cannot_reach_outside_its_folder(standing: Home, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    file = directory(tmp_path / "inside", reader(authority))
    (tmp_path / "cbsa.pem").write_bytes((tmp_path / "inside" / "cbsa.pem").read_bytes())
    file.write_text(file.read_text().replace('"cbsa.pem"', '"../cbsa.pem"'))
    assert standing.refused("recipients", "import", file, expect=3)["code"] == "recipient.file-invalid"


# keys


def test_trust_takes_anchors_and_leaves_intermediates_aside(home: Home, authority: Authority) -> None:
    home.made()
    issuing = authority.authority(ordered(ca_order("Issuing")))
    file, crl = home.folder / "anchors.pem", home.folder / "root.crl"
    file.write_bytes(pem(issuing.certificate, authority.certificate))
    crl.write_bytes(authority.crl(since=NOW - DAY, until=NOW + DAY))
    root = fingerprint(authority.certificate.public_bytes(Encoding.DER))
    trusted = home.json("keys", "trust", file, "--divisions", "rpd".upper() + ", RAD", "--crl", crl)
    assert trusted["anchors"] == [{"anchor": root, "divisions": ["RAD", "RPD"]}]
    assert [one["outcome"] for one in trusted["changes"]] == ["applied"]
    keys = home.json("keys", "list")["keys"]
    assert [(one["what"], one["whose"]) for one in keys] == [
        ("anchor", ""),
        ("own", "mail-signing"),
        ("own", "mail-ca"),
        ("own", "package-acceptance"),
        ("own", "evidence-signing"),
        ("own", "gateway-ca"),
        ("own", "dispatch-seal"),
        ("own", "openpgp-signing"),
    ]
    assert (keys[0]["fingerprint"], keys[0]["divisions"]) == (root, ["RAD", "RPD"])
    assert "SAR, SPR" in home.run("keys", "list", "--lang", "fr").stdout
    assert {one["check"]: one["finding"] for one in home.json("doctor")["checks"]}["trust"] == "good"


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["--divisions", "XYZ"], "request.invalid at --divisions"),
        (["--divisions", ""], "request.invalid at --divisions"),
        (["--divisions", "RPD", "--signer", "12:34"], "request.invalid at --signer"),
        (["--divisions", "RPD", "--crl", "{key}"], "key.crl-invalid at --crl"),
    ],
)
def test_trust_refuses_what_it_cannot_read_and_says_where(
    standing: Home, authority: Authority, tmp_path: Path, arguments: list[str], refusal: str
) -> None:
    anchor, key = tmp_path / "anchor.pem", tmp_path / "some.key"
    anchor.write_bytes(pem(authority.certificate))
    key.write_bytes(key_pem(ec_key()))
    problem = standing.refused("keys", "trust", anchor, *(one.format(key=key) for one in arguments), expect=3)
    assert f"{problem['code']} at {problem['where']}" == refusal
    assert all(one["what"] == "own" for one in standing.json("keys", "list")["keys"])


def test_a_certificate_of_nobody_is_no_anchor(standing: Home, authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "leaf.pem"
    file.write_bytes(pem(reader(authority)))
    problem = standing.refused("keys", "trust", file, "--divisions", "RPD", expect=3)
    assert (problem["code"], problem["where"]) == ("key.no-anchor", "leaf.pem")


def test_a_new_certificate_takes_the_place_of_the_one_before(home: Home, authority: Authority) -> None:
    home.made()
    home.run("recipients", "import", directory(home.folder, reader(authority)))
    renewed = reader(authority)
    (home.folder / "new.der").write_bytes(renewed.public_bytes(Encoding.DER))
    print_of_it = fingerprint(renewed.public_bytes(Encoding.DER))
    assert home.json("keys", "import", "cbsa-gta", home.folder / "new.der")["certificate"]["fingerprint"] == print_of_it
    pinned = [one["fingerprint"] for one in home.json("keys", "list")["keys"] if one["what"] == "recipient"]
    assert pinned == [print_of_it]


def test_a_certificate_for_signing_is_not_pinned(home: Home, authority: Authority) -> None:
    home.made()
    home.run("recipients", "import", directory(home.folder, reader(authority)))
    (home.folder / "sign.pem").write_bytes(pem(reader(authority, uses=("digital_signature",))))
    problem = home.refused("keys", "import", "cbsa-gta", home.folder / "sign.pem", expect=3)
    assert (problem["code"], problem["where"]) == ("key.wrong-use", "cbsa-gta")
