"""What a program loads, it keeps as long as it lives: some things no worker and no short command has a use for."""

import subprocess
import sys

import pytest
import typer

from gateway.cli import main


def loaded(program: str) -> set[str]:
    """The modules that a process has after it ran that, and the packages they are in."""
    said = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name.split(".") for name in said.stdout.split()]
    return {".".join(parts[:end]) for parts in names for end in (1, 2, 3)}


def test_a_worker_over_postgresql_loads_nothing_that_only_others_need() -> None:
    """It was 151 MB with them: its own memory is what says how many of its processes a machine carries."""
    program = (
        "from gateway.cli.main import build; build('worker')\n"
        "from gateway.worker.left_out import left_out\n"
        "with left_out(): import gateway.worker.prefork\n"
        "import gateway.bootstrap.gateway, gateway.store.postgresql, channels.encrypted_email"
    )
    others = {
        *("sqlite3", "alembic"),  # another database, and migrations
        *("rich", "fastapi", "starlette", "uvicorn", "jinja2", "webauthn", "joserfc", "gateway.web"),  # the web
        *("phonenumbers", "numpy", "pikepdf", "pypdfium2", "zxingcpp"),  # faxes and others' documents
        *("asyncssh", "aiohttp", "boto3", "ldap3", "imap_tools", "structlog"),  # what settings may ask for
        *("opentelemetry", "yaml", "msgpack"),  # what the broker's libraries can do besides
        *("gateway.cli.home", "gateway.cli.keys", "gateway.cli.exchange"),  # other commands
    }
    assert others & loaded(program) == set()


def test_what_was_left_out_of_a_worker_at_first_is_there_for_those_who_need_it() -> None:
    program = (
        "from gateway.worker.left_out import left_out\n"
        "with left_out(): import gateway.worker.broker\n"
        "import opentelemetry.sdk.trace, yaml"
    )
    assert {"opentelemetry.sdk.trace", "yaml"} <= loaded(program)


@pytest.mark.parametrize("name", main._COMMANDS)
def test_the_first_words_of_commands_are_told_where_their_modules_are(name: str) -> None:
    """Else the command line would have to be built whole for each of them."""
    words = main._COMMANDS[name]
    built = typer.main.get_group(main.build(words[0]))
    assert set(built.commands) == set(words)


@pytest.mark.parametrize(
    "line", [["--home", "worker", "deliveries", "web"], ["--lang=fr", "deliveries"], ["deliveries"]]
)
def test_the_first_word_comes_after_the_options_of_the_gateway_itself(line: list[str]) -> None:
    assert main._first_word(main.hoisted(line)) == "deliveries"


@pytest.mark.parametrize("line", [[], ["--help"], ["no-such-thing"], ["--home", "worker"]])
def test_a_line_that_names_no_command_meets_them_all(line: list[str]) -> None:
    built = typer.main.get_group(main.build(main._first_word(main.hoisted(line))))
    assert set(built.commands) == {word for words in main._COMMANDS.values() for word in words}
