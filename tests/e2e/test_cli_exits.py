"""How the command line exits and what it says then, in both languages, with its options anywhere on the line."""

import json
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.domain.parties import Language
from tests.application.packages import raw
from tests.docs.commands import pages
from tests.e2e.home import Home, Signed, ordered, signed_for
from tests.e2e.lately import minimal
from tests.keys.pki import Authority, ca_order

pytestmark = pytest.mark.slow  # each call is a process that loads the gateway

COMMANDS = [path.split()[1:] for path, _ in pages()]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One home for the tests that change nothing others look at."""
    return Home(tmp_path_factory.mktemp("standing")).made()


@pytest.fixture
def signed(home: Home) -> Signed:
    return signed_for(home, Authority.root(ordered(ca_order("Root"))))


# how it exits


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["frobnicate"], "frobnicate"),
        (["tokens", "frobnicate"], "frobnicate"),
        (["tokens", "list", "--frobnicate"], "--frobnicate"),
        (["tokens", "create", "x"], "--scope"),
        (["tokens", "create", "x", "--scope", "everything"], "--scope"),
        (["tokens", "revoke"], "TOKEN"),
        (["deliveries", "--state", "lost"], "--state"),
        (["deliveries", "--limit", "0"], "--limit"),
        (["work", "--max-seconds", "soon"], "--max-seconds"),
        (["status", "a", "b"], "gateway status"),
        (["--lang", "de", "doctor"], "--lang"),
    ],
)
def test_wrong_usage_exits_with_2_and_points_to_the_help(standing: Home, arguments: list[str], where: str) -> None:
    problem = standing.refused(*arguments, expect=2)
    assert (problem["code"], problem["status"], problem["where"]) == ("request.invalid", 400, where)
    person = standing.run(*arguments, expect=2)
    assert person.stdout == ""
    assert re.search(r"^See: gateway.* --help$", person.stderr, re.MULTILINE)


def test_a_slip_of_the_pen_is_met_with_the_command_that_was_meant(standing: Home) -> None:
    assert "Perhaps you meant dispatches" in standing.run("dispaches", expect=2).stderr


def test_a_refused_input_exits_with_3(standing: Home, tmp_path: Path) -> None:
    file = tmp_path / "one.asice"
    file.write_bytes(b"not a package")
    assert standing.refused("package", "verify", file, expect=3)["code"] == "package.not-zip"
    assert standing.refused("submit", file, expect=3)["code"] == "package.not-zip"


def test_of_several_files_the_good_are_not_held_up_by_the_bad(standing: Home, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.asice", "two.asice")]
    for file in files:
        file.write_bytes(b"not a package")
    done = standing.run("submit", *files, "--json", expect=3)
    answer = json.loads(done.stdout)
    assert answer["dispatches"] == []
    assert [(one["code"], one["file"]) for one in answer["refused"]] == [
        ("package.not-zip", str(file)) for file in files
    ]
    assert "two.asice" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status", "6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a11"], "dispatch.unknown"),
        (["resolve", "nothing", "retry", "--reason", "x"], "delivery.unknown"),
        (["retry", "nothing", "--reason", "x"], "dispatch.unknown"),
        (["recall", "nothing", "--reason", "x"], "dispatch.unknown"),
        (["recipients", "show", "nobody"], "recipient.unknown"),
        (["keys", "import", "nobody", __file__], "recipient.unknown"),
        (["tokens", "revoke", "none"], "token.unknown"),
        (["schema", "none"], "schema.unknown"),
        (["submit", "nowhere.asice"], "file.unreadable"),
        (["recipients", "import", "nowhere.json"], "file.unreadable"),
    ],
)
def test_what_does_not_exist_exits_with_4(standing: Home, arguments: list[str], code: str) -> None:
    assert standing.refused(*arguments, expect=4)["code"] == code


def test_another_package_of_the_same_number_exits_with_5_and_the_same_one_does_not(signed: Signed) -> None:
    package = signed.built("one")
    first = signed.home.json("submit", package)["dispatches"][0]
    again = signed.home.json("submit", package)["dispatches"][0]
    assert (first["repeat"], again["repeat"], again["dispatch"]) == (False, True, first["dispatch"])
    problem = signed.home.refused("submit", signed.built("two", sensitive=True), expect=5)
    assert problem["code"] == "package.conflict"
    signed.home.run("status", first["dispatch"])
    assert first["dispatch"] in signed.home.run("dispatches").stdout


def test_an_action_that_the_state_does_not_allow_exits_with_5(signed: Signed) -> None:
    package = signed.built("one")
    dispatch = signed.home.json("submit", package)["dispatches"][0]["dispatch"]
    signed.home.run("work", "--until-idle")
    delivery = signed.home.json("status", dispatch)["deliveries"][0]
    assert delivery["state"] == "needs-person"
    problem = signed.home.refused("resolve", delivery["delivery"], "confirm-sent", "--reason", "x", expect=5)
    assert problem["code"] == "delivery.action-not-possible"
    for_a_person = signed.home.run("status", dispatch).stdout
    assert f"{delivery['reason']}: " in for_a_person, "the reason is explained below the table"


def test_a_dispatch_that_is_not_stuck_cannot_be_retried(signed: Signed) -> None:
    dispatch = signed.home.json("submit", signed.built("one"))["dispatches"][0]["dispatch"]
    problem = signed.home.refused("retry", dispatch, "--reason", "x", expect=5)
    assert (problem["code"], problem["where"]) == ("dispatch.not-stuck", dispatch)


def test_a_dispatch_that_nothing_gets_through_is_told_of_and_set_going_again_by_a_person(signed: Signed) -> None:
    signed.home.more = {"GATEWAY_WORK__MOST_ATTEMPTS": "1"}
    dispatch = signed.home.json("submit", signed.built("one"))["dispatches"][0]["dispatch"]
    (package,) = [path for path in (signed.home.path / "vault").rglob("*") if path.is_file()]
    aside = package.with_suffix(".aside")
    package.rename(aside)
    signed.home.run("work", "--until-idle")
    status = signed.home.json("status", dispatch)
    assert (status["state"], status["stuck"]["step"]) == ("needs-person", "plan")
    assert status["stuck"]["cause"] == "seal.object-missing"
    assert "Stuck at planning" in signed.home.run("status", dispatch).stdout
    checks = {one["check"]: one for one in signed.home.json("doctor", expect=6)["checks"]}
    assert checks["steps"]["finding"] == "wrong"
    assert "gateway retry" in checks["steps"]["detail"]

    aside.rename(package)
    assert signed.home.json("retry", dispatch, "--reason", "restored")["step"] == "plan"
    signed.home.run("work", "--until-idle")
    status = signed.home.json("status", dispatch)
    assert status["stuck"] is None
    assert {one["state"] for one in status["deliveries"]} == {"needs-person"}


def test_work_prints_its_answer_alone(signed: Signed) -> None:
    signed.home.run("submit", signed.built("one"))
    steps = {"reconcile", "plan", "render", "deliver", "receive", "call"}
    assert set(signed.home.json("work", "--until-idle")) == steps


def test_a_package_that_is_built_is_for_its_owner_alone_and_is_verified(signed: Signed) -> None:
    package = signed.built("one")
    assert stat.S_IMODE(package.stat().st_mode) == 0o600
    checked = signed.home.json("package", "verify", package)
    assert (checked["division"], checked["signer"]["revocation"]) == ("RPD", "good")
    assert {one["name"] for one in checked["members"]} == {"decision.json", "documents/reasons.md"}
    signed.home.language = "fr"
    assert "Section\u00a0: SPR" in signed.home.run("package", "verify", package).stdout


def test_an_output_that_cannot_be_written_is_not_called_a_full_disk(signed: Signed) -> None:
    package = signed.built("one")
    arguments = ("preview", package, "--participant", "m1", "-o")
    missing = signed.home.refused(*arguments, signed.home.folder / "nowhere" / "m1.pdf", expect=4)
    taken = signed.home.refused(*arguments, signed.home.folder, expect=3)
    assert {missing["code"], taken["code"]} == {"file.unwritable"}


def test_documents_that_are_nowhere_are_named(signed: Signed) -> None:
    decision = signed.home.folder / "decision.json"
    decision.write_bytes(raw(minimal()))
    arguments = ("package", "build", decision, "--documents", signed.home.folder / "nowhere")
    problem = signed.home.refused(
        *arguments, "--key", signed.key, "--cert", signed.certificate, "-o", "x.asice", expect=4
    )
    assert (problem["code"], problem["where"]) == ("file.unreadable", "nowhere")


def test_a_folder_that_is_no_home_exits_with_6_and_says_how_to_make_one(home: Home) -> None:
    problem = home.refused("dispatches", expect=6)
    assert (problem["code"], problem["where"]) == ("home.missing", str(home.path))
    assert "gateway init" in problem["detail"]


def test_keys_that_others_can_read_exit_with_6(home: Home) -> None:
    home.made()
    (home.path / "keys" / "mail-signing.key").chmod(0o644)
    assert home.refused("dispatches", expect=6)["code"] == "seal.key-permissions"


def test_keys_under_a_passphrase_open_with_it_alone(home: Home) -> None:
    (home.folder / "passphrase").write_text("correct horse\n")
    home.more = {"GATEWAY_PASSPHRASE_FILE": str(home.folder / "passphrase")}
    home.made()
    home.run("dispatches")
    home.more = {"GATEWAY_PASSPHRASE_FILE": str(home.folder / "nowhere")}
    assert home.refused("dispatches", expect=6)["where"] == "GATEWAY_PASSPHRASE_FILE"
    home.more = {}
    assert home.refused("dispatches", expect=6)["code"] == "key.passphrase"


# languages, and options anywhere on the line


@pytest.mark.parametrize("language", Language)
def test_every_command_has_its_help_in_the_language_of_the_person(tmp_path: Path, language: Language) -> None:
    home = Home(tmp_path, language=language.value)
    with ThreadPoolExecutor(2) as pool:
        shown = list(pool.map(lambda command: home.run(*command, "--help", on=False).stdout, COMMANDS))
    frame = {
        "en": ("Usage: gateway", "Options:", "Shows this help"),
        "fr": ("Utilisation\u00a0: gateway", "Options\u00a0:", "Affiche cette aide"),
    }
    for command, page in zip(COMMANDS, shown, strict=True):
        assert all(part in page for part in frame[language]), (command, page)
    assert len(shown) > 25
    assert len(set(shown)) == len(shown)


def test_a_group_without_a_command_shows_its_help_and_exits_with_2(home: Home) -> None:
    done = home.run("keys", expect=2, on=False)
    assert "gateway keys [OPTIONS] COMMAND" in done.stderr
    assert done.stdout == ""


def test_lang_holds_for_help_for_refusals_and_for_tables_wherever_it_stands(standing: Home) -> None:
    assert "Utilisation" in standing.run("status", "--help", "--lang", "fr").stdout
    assert "Utilisation" in standing.run("--lang=fr", "status", "--help").stdout
    assert "Expédition inconnue" in standing.run("status", "--lang", "fr", "none", expect=4).stderr
    assert "Il manque TOKEN." in standing.run("tokens", "--lang", "fr", "revoke", expect=2).stderr
    assert "avertissement" in standing.run("doctor", "--lang", "fr").stdout


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LC_ALL": "fr_CA.UTF-8", "LANG": "en_CA.UTF-8"}, "fr"),
        ({"LANG": "fr_CA.UTF-8", "GATEWAY_LANGUAGE": "en"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_without_a_choice_the_language_is_that_of_the_system(
    home: Home, environment: dict[str, str], language: str
) -> None:
    home.more = {"GATEWAY_LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": ""} | environment
    page = home.run("--help", on=False).stdout
    assert page.startswith("Utilisation" if language == "fr" else "Usage")


def test_home_and_as_may_stand_anywhere_on_the_line(home: Home) -> None:
    home.made()
    home.run("tokens", "create", "one", "--as", "a.clerk", "--scope", "read", "--home", home.path, on=False)
    home.run("tokens", f"--home={home.path}", "create", "--as=b.clerk", "two", "--scope", "read", on=False)
    home.more = {"GATEWAY_HOME": str(home.path), "GATEWAY_USER": "c.clerk"}
    home.run("tokens", "create", "three", "--scope", "read", on=False)
    made = {one["name"]: one["created_by"] for one in home.json("tokens", "list")["tokens"]}
    assert made == {"one": "a.clerk", "two": "b.clerk", "three": "c.clerk"}


def test_what_stands_after_two_dashes_is_no_option(standing: Home) -> None:
    assert "--home" in standing.run("status", "--", "--home", expect=4).stderr


def test_texts_come_out_as_utf_8_whatever_the_system_thinks(home: Home) -> None:
    home.language = "fr"
    home.more = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert "installation" in home.made().run("init").stdout


def test_the_start_of_the_command_line_loads_nothing_heavy() -> None:
    heavy = {
        "pydantic",
        "sqlalchemy",
        "cryptography",
        "asn1crypto",
        "rich",
        "fastapi",
        "reportlab",
        "babel",
    }
    program = (
        "import sys; from gateway.cli.main import build; build(); print(*{name.split('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert heavy & set(loaded) == set()


def test_a_defect_is_told_with_its_place_and_without_the_words_of_the_error(home: Home) -> None:
    program = (
        "import sys; sys.argv = ['gateway', 'schema', 'x', '--json']\n"
        "from gateway.application import schemas\n"
        "def broken(name): raise ValueError('content of a decision')\n"
        "schemas.schema = broken\n"
        "from gateway.cli.main import main\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=home.environment()
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == "gateway.defect"
    assert "content of a decision" not in done.stderr
    assert "ValueError" in done.stderr
