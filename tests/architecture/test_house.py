"""The house rules that a machine can hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from gateway.domain.reasons import Reason

ROOT = Path(__file__).resolve().parents[2]
CODE = ("gateway", "channels", "keys", "templates")
SOURCES = sorted(path for room in CODE for path in (ROOT / room).rglob("*.py"))

GUARDS = {"channels/base.py", "gateway/worker/pump.py", "templates/confined/__main__.py"}
"""The only places that may catch everything: a channel's send, the worker's edge, and the edge of the confined process,
where libraries raise what they like for a hostile document and nothing but that document is at stake."""

MOST_LINES = 400
LONGEST_FUNCTION = 50


def committed(*endings: str) -> list[Path]:
    """The files that git knows, by ending; all tests of them are skipped, loudly, outside a clone."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone: what is committed cannot be listed")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if name.endswith(endings) and (ROOT / name).is_file()]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("source", SOURCES, ids=relative)
def test_every_module_says_what_it_is(source: Path) -> None:
    assert ast.get_docstring(ast.parse(source.read_text())), "no module docstring"


@pytest.mark.parametrize("source", SOURCES, ids=relative)
def test_files_and_functions_stay_small(source: Path) -> None:
    text = source.read_text()
    assert text.count("\n") <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("source", SOURCES, ids=relative)
def test_only_the_guards_catch_everything(source: Path) -> None:
    caught = [
        node.lineno
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or _name(node.type) == "Exception")
        and not _raises_again(node)
    ]
    assert not caught or relative(source) in GUARDS, f"lines {caught}"


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether it only cleans up: what was caught goes on."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def test_every_event_loop_ends_with_its_connections() -> None:
    """One that asyncio makes by itself forgets those that libraries only said they closed."""
    others = re.compile(r"asyncio\.(?:run|Runner|new_event_loop)\(")
    making = {relative(path) for path in SOURCES if others.search(path.read_text())}
    assert making == {"gateway/event_loop.py"}


def test_what_reads_documents_of_others_runs_in_the_confined_process_alone() -> None:
    """A library that parses hostile files beside the keys would undo the confinement."""
    readers = re.compile(r"^\s*(?:from|import) (?:pikepdf|pypdf|pypdfium2|PIL|zxingcpp)\b", re.MULTILINE)
    rooms = (
        "templates/foreign/",
        "templates/confined/",
        "templates/fax/raster.py",
        "templates/fonts/build.py",  # makes files of our own, by hand
        "gateway/demo/inbox.py",  # the demo's recipient, who reads what we sent
    )
    reading = [relative(path) for path in SOURCES if readers.search(path.read_text())]
    assert reading
    assert [path for path in reading if not path.startswith(rooms)] == []


def test_every_code_is_raised_somewhere() -> None:
    codes = re.findall(r"^    ([A-Z_]+) = ", (ROOT / "gateway/domain/codes.py").read_text(), re.MULTILINE)
    text = "\n".join(path.read_text() for path in SOURCES if path.name != "codes.py")
    assert [code for code in codes if f"Code.{code}" not in text] == []


def test_every_reason_is_given_somewhere() -> None:
    """In code, or by a rule: rule files are data and name reasons by their codes."""
    text = "\n".join(path.read_text() for path in SOURCES if path.name != "reasons.py")
    rules = "\n".join(path.read_text() for path in sorted((ROOT / "gateway/rules").glob("*.toml")))
    given = [one for one in Reason if f"Reason.{one.name}" in text or f'reason = "{one.value}"' in rules]
    assert given == list(Reason)


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    for lock in (ROOT / "requirements.lock", ROOT / "requirements-dev.lock"):
        text = lock.read_text()
        assert "://" not in text
        pins = [line for line in text.splitlines() if re.match(r"^[a-z0-9]", line)]
        assert pins
        assert all("==" in pin for pin in pins)
        assert text.count("--hash=sha256:") >= len(pins)


def test_nothing_committed_names_a_package_index_or_a_folder_of_a_machine() -> None:
    forbidden = re.compile("|".join((r"pypi" + r"\.org", r"pythonhosted" + r"\.org", r"/wo" + r"rk/", r"/ro" + r"ot/")))
    hits = [
        f"{relative(path)}:{number}"
        for path in committed(".py", ".md", ".toml", ".lock", ".sh", ".yml", "Makefile", "run")
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert hits == []


def test_no_private_key_is_committed() -> None:
    key = re.compile(rb"PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{100}")
    assert [relative(path) for path in committed("") if key.search(path.read_bytes())] == []


def test_every_channel_of_the_house_passes_the_contract_suite() -> None:
    contracts = (ROOT / "tests/contracts/test_channels.py").read_text()
    rooms = [path / "__init__.py" for path in (ROOT / "channels").iterdir() if (path / "__init__.py").is_file()]
    folders = [room.parent.name for room in rooms if "plugin: ChannelPlugin" in room.read_text()]
    assert folders
    suites = {folder: rf"class Test{folder.title().replace('_', '')}\((\w+, )?ChannelContract\)" for folder in folders}
    assert [folder for folder, suite in suites.items() if not re.search(suite, contracts)] == []
