"""The confined process: it can open nothing, has an end whatever it reads, and its parent goes on."""

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.naming import Identity, Naming
from gateway.domain.problem import InputRefused, ServiceDown
from templates.confined import pool as pools
from templates.confined import process
from templates.confined.pool import ConfinedPool
from templates.confined.process import Limits
from templates.foreign_papers import ForeignPapers
from tests.templates import hostile_pdfs
from tests.templates.hostile_pdfs import one_page

WHERE = "documents/reasons.pdf"
OURS = Identity(own_files=("TC6-12345",), all_files=("TC6-12345",), ucis=None)
ROOMY = Limits(memory=1 << 30, seconds=30)


@pytest.fixture
def pool() -> Iterator[ConfinedPool]:
    with ConfinedPool(ROOMY) as made:
        yield made


def children() -> set[int]:
    """The process ids of this process's confined children that still run."""
    listed = Path(f"/proc/self/task/{threading.main_thread().native_id}/children").read_text().split()
    return {int(one) for one in listed if b"templates.confined" in command_of(int(one))}


def command_of(number: int) -> bytes:
    """What it runs; nothing where it ended, be it a moment ago."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{number}/cmdline").read_bytes()
    return b""


def started_by(pool: ConfinedPool) -> int:
    """The process id of the pool's one child, started now."""
    before = children()
    assert ForeignPapers(pool).page_count(one_page(), WHERE) == 1
    (started,) = children() - before
    return started


def test_the_child_can_open_no_file_and_no_socket_and_leaves_no_core(pool: ConfinedPool) -> None:
    child = started_by(pool)
    for limit, most in (
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, ROOMY.memory),
    ):
        assert resource.prlimit(child, limit) == (most, most)
    assert {int(one.name) for one in Path(f"/proc/{child}/fd").iterdir()} == {0, 1, 2}


def test_the_child_knows_nothing_of_our_environment(pool: ConfinedPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PASSPHRASE_FILE", "a-secret-place")
    assert b"secret" not in Path(f"/proc/{started_by(pool)}/environ").read_bytes()


def test_names_in_no_encoding_are_read_where_no_file_can_be_opened(pool: ConfinedPool) -> None:
    papers = ForeignPapers(pool)
    assert papers.page_count(one_page(catalogue="/L#b5#da#d2#bb (x)"), WHERE) == 1
    assert papers.measure(one_page(catalogue="/L#b5#da#d2#bb (x)"), WHERE).sizes == ((612, 792),)


def test_a_file_that_never_ends_is_given_up_and_the_next_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the processor time that it took, however long a busy machine made of that."""
    monkeypatch.setattr(process, "_PATIENCE", 20)
    with ConfinedPool(Limits(memory=1 << 30, seconds=3)) as pool:
        papers = ForeignPapers(pool)
        with pytest.raises(InputRefused) as caught:
            papers.naming(hostile_pdfs.EXPONENTIAL, OURS, WHERE)
        assert caught.value.code in {Code.DOCUMENT_NEEDS_TIME, Code.DOCUMENT_BREAKS_READER}
        assert caught.value.where == WHERE
        assert papers.naming(one_page("File TC6-12345"), OURS, WHERE) is Naming.OURS


def test_a_task_never_takes_more_memory_than_it_may() -> None:
    """The file is larger than what the child may have beside itself."""
    with ConfinedPool(Limits(memory=400 << 20, seconds=30)) as pool:
        papers = ForeignPapers(pool)
        large = one_page(more={5: hostile_pdfs.stream(bytes(90_000_000))})
        with pytest.raises(InputRefused) as caught:
            papers.join(one_page(), large * 4, [0], "en", WHERE)
        assert caught.value.code in {Code.DOCUMENT_TOO_LARGE, Code.DOCUMENT_NEEDS_MEMORY, Code.DOCUMENT_BREAKS_READER}
        assert papers.page_count(one_page(), WHERE) == 1


def test_an_idle_child_that_was_killed_costs_the_next_document_nothing(pool: ConfinedPool) -> None:
    os.kill(started_by(pool), signal.SIGKILL)
    assert ForeignPapers(pool).page_count(one_page(), WHERE) == 1


def test_a_child_that_is_stopped_is_given_up() -> None:
    with ConfinedPool(Limits(memory=1 << 30, seconds=3)) as pool:
        os.kill(started_by(pool), signal.SIGSTOP)
        begun = time.monotonic()
        assert ForeignPapers(pool).page_count(one_page(), WHERE) == 1
        assert time.monotonic() - begun < 30


def test_a_child_is_kept_warm_and_replaced_after_its_share(pool: ConfinedPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "MOST_TASKS", 3)
    papers, before, seen = ForeignPapers(pool), children(), []
    for _ in range(5):
        papers.page_count(one_page(), WHERE)
        seen.append(children() - before)
    assert seen[0] == seen[1]
    assert seen[2] == set()
    assert seen[3] == seen[4]
    assert seen[3].isdisjoint(seen[0])


def test_many_threads_share_two_children_and_none_is_left_after_closing(pool: ConfinedPool) -> None:
    papers, before, counted = ForeignPapers(pool), children(), []
    threads = [threading.Thread(target=lambda: counted.append(papers.page_count(one_page(), WHERE))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [1] * 12
    assert len(children() - before) <= 2
    papers.close()
    assert children() - before == set()


def test_a_child_ends_with_its_parent() -> None:
    script = (
        "import os; from templates.confined.pool import ConfinedPool\n"
        "from templates.confined.process import Limits\n"
        "from templates.foreign_papers import ForeignPapers; from tests.templates.hostile_pdfs import one_page\n"
        "pool = ConfinedPool(Limits(memory=1 << 30, seconds=30)); ForeignPapers(pool).page_count(one_page(), 'x')\n"
        "print(pool._idle[0]._child.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False
    )
    child = int(parent.stdout)
    until = time.monotonic() + 20
    while command_of(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert command_of(child) == b""


def test_a_fork_starts_children_of_its_own(pool: ConfinedPool) -> None:
    """As under a Celery worker, whose processes are forks of one that may have read a document before."""
    first = started_by(pool)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            counted = ForeignPapers(pool).page_count(one_page(), WHERE)
            mine = pool._idle[0]._child.pid
            pool.close()
            os.write(write, f"{counted} {mine}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answers:
        told, own = answers.read().split()
    os.waitpid(child, 0)
    assert told == "1"
    assert int(own) != first
    assert ForeignPapers(pool).page_count(one_page(), WHERE) == 1
    assert first in children()


def test_a_daemonic_process_may_read_too() -> None:
    """A Celery worker's processes are daemonic, and may have no children of multiprocessing."""
    answers: multiprocessing.Queue[int] = multiprocessing.get_context("fork").Queue()

    def work() -> None:
        with ConfinedPool(ROOMY) as pool:
            answers.put(ForeignPapers(pool).page_count(one_page(), WHERE))

    worker = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    worker.start()
    assert answers.get(timeout=60) == 1
    worker.join(60)
    assert worker.exitcode == 0


def test_a_program_that_cannot_be_started_is_no_fault_of_the_document(
    pool: ConfinedPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ServiceDown) as caught:
        ForeignPapers(pool).page_count(one_page(), WHERE)
    assert caught.value.code is Code.READER_UNAVAILABLE
