import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

import dill
import psutil
import pytest
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor

from runtime import documents, executor, files
from runtime.errors import PolyglotError
from runtime.executor import owner
from runtime.executor.owner import Owner
from runtime.executor.task import LOST, Tail, perform
from runtime.ledger import Ledger
from runtime.progress import Progress
from tests.conftest import heed_ctrl_c


@pytest.fixture(autouse=True)
def two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGLOT_WORKERS", "2")


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "input"
    for rank in range(3):
        found = [
            Document(text=f"문장 {i}", id=f"a/{rank}#{i}", metadata={"source": "a"})
            for i in range(10)
        ]
        list(documents.DocumentWriter(folder).run(iter(found), rank))
    return folder


class Even(documents.DocumentFilter):
    """Keeps every second document; ``before`` is called with the rank first."""

    name = "even"

    def __init__(self, ledger: Ledger, before=lambda rank: None) -> None:
        super().__init__(ledger)
        self.before = before

    def run(self, data: Iterator[Document], rank: int = 0, world_size: int = 1):
        self.before(rank)
        yield from super().run(data, rank, world_size)

    def filter(self, document: Document) -> Literal[True] | tuple[Literal[False], str]:
        return int(document.text[-1]) % 2 == 0 or (False, "odd")


def work(inputs: Path, final: Path, before=lambda rank: None, threshold: int = 1) -> Ledger:
    seal = executor.fingerprint({"threshold": threshold}, documents.shards(inputs))
    with executor.workspace(final, seal) as folder:
        ledger = Ledger("even")
        blocks = [
            documents.DocumentReader(inputs, ledger),
            Even(ledger, before),
            documents.DocumentWriter(folder / "documents", ledger),
        ]
        return executor.run("even", blocks, 3, folder, Progress(None), ledger)


def test_all_ranks_are_run_and_their_ledgers_summed(inputs: Path, tmp_path: Path) -> None:
    total = work(inputs, tmp_path / "final").json()["total"]
    assert (total["in"]["documents"], total["out"]["documents"]) == (30, 15)
    assert total["dropped"]["odd"]["documents"] == 15
    assert len(list(documents.read(tmp_path / "final" / "documents"))) == 15
    assert sorted(path.name for path in (tmp_path / "final").iterdir()) == ["documents"]


def test_the_number_of_workers_does_not_show(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = []
    for workers in ("1", "3"):
        monkeypatch.setenv("POLYGLOT_WORKERS", workers)
        work(inputs, tmp_path / workers)
        shards = documents.shards(tmp_path / workers / "documents")
        digests.append([files.sha256(shard) for shard in shards])
    assert digests[0] == digests[1]


def fail_in(rank: int, error: BaseException):
    def before(current: int) -> None:
        if current == rank:
            time.sleep(0.5)  # let the other ranks finish
            raise error

    return before


def test_a_failing_rank_is_one_sentence(inputs: Path, tmp_path: Path) -> None:
    secret = "-".join(["010", "1234", "5678"])
    with pytest.raises(PolyglotError, match=r"ValueError: .*task_00002\.log") as caught:
        work(inputs, tmp_path / "final", fail_in(2, ValueError(secret)))
    assert secret not in str(caught.value)
    assert not (tmp_path / "final").exists()
    for log in (tmp_path / "final.partial").rglob("*.log"):
        assert secret not in log.read_text()


def test_a_sentence_of_a_rank_is_kept(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(PolyglotError, match=r"^This is damaged\.$"):
        work(inputs, tmp_path / "final", fail_in(1, PolyglotError("This is damaged.")))


def test_a_full_disk_is_said_to_be_full(inputs: Path, tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(PolyglotError, match="The disk is full"):
        work(inputs, tmp_path / "final", fail_in(0, full))


def test_a_killed_worker_is_noticed(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(PolyglotError, match="SIGKILL"):
        work(inputs, tmp_path / "final", lambda rank: os.kill(os.getpid(), signal.SIGKILL))
    assert psutil.Process().children() == []


def record(folder: Path):
    def before(rank: int) -> None:
        (folder / str(rank)).touch()

    return before


def test_a_second_run_goes_on_where_the_first_failed(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(PolyglotError):
        work(inputs, tmp_path / "final", fail_in(2, ValueError()))
    ran = tmp_path / "ran"
    ran.mkdir()
    total = work(inputs, tmp_path / "final", record(ran)).json()["total"]
    assert [path.name for path in ran.iterdir()] == ["2"]
    assert total["in"]["documents"] == 30


def test_other_params_begin_anew(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(PolyglotError):
        work(inputs, tmp_path / "final", fail_in(2, ValueError()))
    ran = tmp_path / "ran"
    ran.mkdir()
    work(inputs, tmp_path / "final", record(ran), threshold=2)
    assert sorted(path.name for path in ran.iterdir()) == ["0", "1", "2"]


SLEEPER = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.runtime.test_executor import work
work(Path(sys.argv[2]), Path(sys.argv[3]), lambda rank: time.sleep(60))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_master(inputs: Path, tmp_path: Path, number: int) -> None:
    root = str(Path(__file__).parents[2])
    master = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, root, str(inputs), str(tmp_path / "final")],
        stderr=subprocess.DEVNULL,
        preexec_fn=heed_ctrl_c,
    )
    deadline = time.monotonic() + 30
    while len(workers := psutil.Process(master.pid).children()) < 2:
        assert time.monotonic() < deadline and master.poll() is None
        time.sleep(0.1)
    master.send_signal(number)
    master.wait(10)
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []


def test_the_progress_reaches_its_end(inputs: Path, tmp_path: Path) -> None:
    class Recorded(Progress):
        seen: ClassVar[list[float]] = []

        def update(self, done: float, **figures: float | str) -> None:
            self.seen.append(done)

    ledger = Ledger("read")
    with executor.workspace(tmp_path / "final", "seal") as folder:
        blocks = [documents.DocumentReader(inputs, ledger)]
        executor.run("read", blocks, 3, folder, Recorded(None), ledger)
    assert Recorded.seen == sorted(Recorded.seen)
    assert Recorded.seen[-1] == 30


def test_the_figures_tell_documents_speed_and_memory(inputs: Path, tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    ledger = Ledger("read")
    with executor.workspace(tmp_path / "final", "seal") as folder:
        blocks = [documents.DocumentReader(inputs, ledger)]
        progress = Progress(file)
        executor.run("read", blocks, 3, folder, progress, ledger)
        progress.headline("")
    figures = files.read_json(file)["figures"]
    assert figures["documents"] == 30
    assert figures["MB/s"] > 0
    assert 10 < figures["MB/worker"] < 10_000


def test_a_task_ends_when_another_owner_takes_its_place(inputs: Path, tmp_path: Path) -> None:
    """As on another machine, where the kernel does not end it with its owner."""
    state = tmp_path / "state/pass"
    for folder in ("failures", "pulses"):
        (state / folder).mkdir(parents=True)
    ledger = Ledger("even")
    blocks = [documents.DocumentReader(inputs, ledger), Even(ledger, lambda rank: time.sleep(60))]
    owned = Owner(state.parent, "slurm")
    tail = Tail(blocks[0], ledger, state, owned)
    pipeline = LocalPipelineExecutor([*blocks, tail], 3, logging_dir=str(state))
    fork = multiprocessing.get_context("fork")
    task = fork.Process(target=lambda: sys.exit(perform(pipeline, 0)))
    task.start()
    deadline = time.monotonic() + 30
    while not list((state / "pulses").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    Owner(state.parent, "slurm")
    task.join(30)
    assert task.exitcode == LOST
    late = fork.Process(target=lambda: sys.exit(perform(pipeline, 1)))
    late.start()
    late.join(30)
    assert late.exitcode == LOST
    assert not (state / "parts").exists()


def test_an_owner_without_a_sign_for_long_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "PATIENCE", 0.5)
    owned = Owner(tmp_path, "slurm")
    assert not owned.lost()
    time.sleep(1)
    owned.live()
    assert not owned.lost()
    time.sleep(1)
    assert owned.lost()


def test_blocks_arrive_on_another_machine_as_they_were_sent(tmp_path: Path) -> None:
    ledger = Ledger("clean")
    ledger.drop("a", "short", 3)
    tail = Tail(documents.DocumentReader(tmp_path, ledger), ledger, tmp_path)
    sent = dill.loads(dill.dumps([tail.head, tail]))
    assert sent[1].head is sent[0] and sent[1].ledger is sent[0].ledger
    assert sent[1].ledger.json() == ledger.json()


def test_a_run_killed_while_it_clears_up_begins_anew(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of the passes' state must not be taken for all of it."""

    def killed(folder: Path, ignore_errors: bool = False) -> None:
        if folder.name == "state":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(executor.shutil, "rmtree", killed)
        work(inputs, tmp_path / "final")
    ran = tmp_path / "ran"
    ran.mkdir()
    total = work(inputs, tmp_path / "final", record(ran)).json()["total"]
    assert sorted(path.name for path in ran.iterdir()) == ["0", "1", "2"]
    assert total["out"]["documents"] == 15
