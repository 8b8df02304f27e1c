"""Runs datatrove blocks on this machine's cores, resumable, in a folder that appears when whole.

    inputs = documents.shards(paths.INGEST / "documents")
    with executor.workspace(paths.CLEAN, executor.fingerprint(asdict(params), inputs)) as work:
        ledger = Ledger("clean")
        blocks = [DocumentReader(...), Clean(params, ledger), DocumentWriter(work / "documents")]
        ledger = executor.run("clean", blocks, len(inputs), work, progress, ledger)

The number of tasks decides the output; the number of workers only how long it takes.
"""

import errno
import hashlib
import io
import json
import multiprocessing
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ctypes import Array, c_double
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from traceback import format_tb
from typing import Any

import pyarrow as pa
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.utils.logging import logger

from runtime import files, launch
from runtime.errors import PolyglotError
from runtime.ledger import Ledger
from runtime.ownership import die_with_parent
from runtime.progress import Progress

POLL = 0.2  # seconds between two looks at the workers' progress

# Forked workers start in milliseconds, inherit the blocks as they stand, and take their memory
# with them when their task is done.
_FORK = multiprocessing.get_context("fork")


def fingerprint(params: dict[str, Any], inputs: Iterable[Path]) -> str:
    """A hash of parameters and of the inputs' names, sizes and times of change."""
    listing = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in inputs]
    return hashlib.sha256(json.dumps([params, listing]).encode()).hexdigest()


@contextmanager
def workspace(final: Path, fingerprint: str) -> Iterator[Path]:
    """A partial folder beside ``final``, published as ``final`` if the body succeeds.

    What a killed run with the same fingerprint left there is used again; any other is wiped.
    """
    partial = final.with_name(f"{final.name}.partial")
    seal = partial / "state" / "fingerprint"
    if not seal.exists() or seal.read_text() != fingerprint:
        shutil.rmtree(partial, ignore_errors=True)
        files.write_text(seal, fingerprint)
    yield partial
    shutil.rmtree(partial / "state")
    files.publish(partial, final)


def run(
    name: str,
    blocks: list[PipelineStep],
    tasks: int,
    work: Path,
    progress: Progress,
    ledger: Ledger,
) -> Ledger:
    """Run ``blocks`` once a task and return the sum of the tasks' ledgers.

    ``ledger`` is the one that the blocks count in, ``name`` tells the passes of a stage apart, and
    ``work`` comes from ``workspace``. The first block's ``done`` moves the progress.

    Raises:
        PolyglotError: a worker failed or was killed; all others have been ended.
    """
    state = work / "state" / name
    done = RawArray(c_double, tasks)
    tail = _Tail(blocks[0], ledger, state, done)
    executor = _ForkingExecutor([*blocks, tail], tasks, launch.workers(), str(state.absolute()))
    parts = [_part(state, rank) for rank in range(tasks)]
    for rank, part in enumerate(parts):
        done[rank] = files.read_json(part)["done"] if part.exists() else 0.0
    for _ in executor.steps():
        progress.update(sum(done))
    return Ledger.merged(ledger.stage, (files.read_json(part)["ledger"] for part in parts))


class TaskFailed(BaseException):
    """A task's failure as a sentence; datatrove would log an Exception with the values of the
    variables, that is, with text."""


class _Tail(PipelineStep):
    """Pulls the documents through the blocks and, at their end, writes the task's ledger."""

    type = "tail"
    name = "ledger"

    def __init__(
        self, head: PipelineStep, ledger: Ledger, state: Path, done: "Array[c_double]"
    ) -> None:
        super().__init__()
        self.head = head
        self.ledger = ledger
        self.state = state
        self.done = done  # shared with the master, one slot a task

    def run(self, data: Iterator[Document], rank: int = 0, world_size: int = 1) -> None:
        try:
            for _ in data:
                self.done[rank] = self.head.done
            self.done[rank] = self.head.done
            part = {"done": self.head.done, "ledger": self.ledger.json()}
            files.write_json(_part(self.state, rank), part)
        except Exception as error:
            logger.error("{}\n{}", type(error).__name__, "".join(format_tb(error.__traceback__)))
            raise TaskFailed(_sentence(error, _log(self.state, rank))) from None


def _part(state: Path, rank: int) -> Path:
    return state / "parts" / f"{rank:05d}.json"


def _log(state: Path, rank: int) -> Path:
    return state / "logs" / f"task_{rank:05d}.log"  # datatrove's name for it


def _sentence(error: Exception, log: Path) -> str:
    if isinstance(error, PolyglotError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free some space and run again."
    cause = type(error).__name__
    if isinstance(error, OSError):  # the only message that is sure to hold no text
        cause += f": {error}"
    return f"A data worker failed with {cause}: {log} has the rest."


class _ForkingExecutor(LocalPipelineExecutor):
    """A forked process a task: datatrove's pool waits for ever when a worker is killed."""

    def __init__(
        self, pipeline: list[PipelineStep], tasks: int, workers: int, logging_dir: str
    ) -> None:
        super().__init__(pipeline, tasks, workers, logging_dir)
        self.causes = _FORK.SimpleQueue()  # sentences of workers that failed

    def steps(self) -> Iterator[None]:
        """Run all tasks not yet completed; yields now and then until they are done."""
        waiting = self.get_incomplete_ranks()
        running: dict[Any, ForkProcess] = {}  # by the sentinel to wait on
        try:
            while waiting or running:
                while waiting and len(running) < self.workers:
                    process = _FORK.Process(target=self._work, args=(waiting.pop(0),))
                    process.start()
                    running[process.sentinel] = process
                for sentinel in wait(list(running), POLL):
                    process = running.pop(sentinel)
                    process.join()
                    if process.exitcode:
                        raise PolyglotError(self._cause(process.exitcode))
                yield
        finally:
            for process in running.values():
                process.kill()
                process.join()

    def _cause(self, code: int) -> str:
        if not self.causes.empty():
            return self.causes.get()
        if code < 0:
            return (
                f"A data worker was killed by {signal.Signals(-code).name}, perhaps for lack of "
                "memory: run again with fewer workers (POLYGLOT_WORKERS)."
            )
        return f"A data worker ended with code {code}: see {self.logging_dir.path}/logs."

    def _work(self, rank: int) -> None:
        """In the worker: run one task."""
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the master, which ends us
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        pa.set_cpu_count(1)
        sys.stderr = io.StringIO()  # datatrove logs to the console as well
        try:
            self._run_for_rank(rank, local_rank=1)
        except TaskFailed as failure:
            self.causes.put(str(failure))
            sys.exit(1)
        except Exception as error:  # datatrove's own files
            self.causes.put(_sentence(error, _log(Path(self.logging_dir.path), rank)))
            sys.exit(1)
