"""One task, in the worker that runs it: its documents, its signs of life, and how it failed."""

import errno
import os
import resource
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import format_tb

import orjson
import pyarrow as pa
from datatrove.data import Document
from datatrove.executor.base import PipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.utils.logging import logger

from runtime import files
from runtime.errors import PolyglotError
from runtime.executor.owner import Owner
from runtime.ledger import Ledger

PULSE = 1.0  # seconds between two signs of a task
FAILED, LOST = 1, os.EX_TEMPFAIL  # exit codes; a full disk's is ENOSPC
FULL = "The disk is full: free some space and run again."


class TaskFailed(BaseException):
    """A task's failure as a sentence; datatrove would log an Exception with the values of the
    variables, that is, with text."""


class Tail(PipelineStep):
    """Pulls the documents through the blocks and, at their end, writes the task's part.

    ``owner`` is None where the kernel sees to it that the task ends with its owner.
    """

    type = "tail"
    name = "ledger"

    def __init__(
        self, head: PipelineStep, ledger: Ledger, state: Path, owner: Owner | None = None
    ) -> None:
        super().__init__()
        self.head = head
        self.ledger = ledger
        self.state = state
        self.owner = owner

    def run(self, data: Iterator[Document], rank: int = 0, world_size: int = 1) -> None:
        try:
            deque(data, maxlen=0)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            part = {**self.measures(), "peak_bytes": peak, "ledger": self.ledger.json()}
            files.write_json(part_file(self.state, rank), part)
        except Exception as error:
            logger.error("{}\n{}", type(error).__name__, "".join(format_tb(error.__traceback__)))
            raise TaskFailed(_sentence(error, log_file(self.state, rank))) from None

    def measures(self) -> dict[str, float]:
        """How far the task is: units done, and documents and bytes of text taken."""
        ledger = getattr(self.head, "ledger", self.ledger)
        taken = [account.taken for account in list(ledger.sources.values())]
        return {
            "done": self.head.done,
            "documents": sum(count.documents for count in taken),
            "bytes": sum(count.bytes for count in taken),
        }


def parts(state: Path) -> Path:
    """The folder of what the tasks tell when done: measures, peak memory in bytes, ledger."""
    return state / "parts"


def part_file(state: Path, rank: int) -> Path:
    """The part of one task."""
    return parts(state) / f"{rank:05d}.json"


def pulses(state: Path) -> Path:
    """The folder of the running tasks' measures, a file a task."""
    return state / "pulses"


def failures(state: Path) -> Path:
    """The folder of the failed tasks' sentences, a file a task."""
    return state / "failures"


def log_file(state: Path, rank: int) -> Path:
    """datatrove's log of a task."""
    return state / "logs" / f"task_{rank:05d}.log"


def perform(executor: PipelineExecutor, rank: int) -> int:
    """Run one task of ``executor``; its exit code. A failure leaves its sentence in a file."""
    tail = executor.pipeline[-1]
    pa.set_cpu_count(1)
    try:
        with _pulse(tail, rank):
            executor._run_for_rank(rank, local_rank=1)
    except TaskFailed as failure:
        sentence = str(failure)
    except Exception as error:  # datatrove's own files
        sentence = _sentence(error, log_file(tail.state, rank))
    else:
        return 0
    try:
        files.write_text(failures(tail.state) / f"{rank:05d}", sentence)
    except OSError as error:
        return errno.ENOSPC if _full(error) else FAILED
    return FAILED


def failure(state: Path, code: int = 0) -> str | None:
    """The sentence of a task that failed, or what its exit code tells, if one can be had."""
    told = sorted(path for path in failures(state).iterdir() if path.name.isdigit())
    if told:
        return told[0].read_text(encoding="utf-8")
    return FULL if code == errno.ENOSPC else None


@contextmanager
def _pulse(tail: Tail, rank: int) -> Iterator[None]:
    """While the block runs, tell the task's measures, and end at once if its owner is lost."""
    if tail.owner and tail.owner.lost():
        sys.exit(LOST)
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(tail, rank, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(tail: Tail, rank: int, over: threading.Event) -> None:
    file = pulses(tail.state) / f"{rank:05d}.json"
    while not over.wait(PULSE):
        if tail.owner and tail.owner.lost():
            os._exit(LOST)
        with suppress(OSError):  # a full disk stops the task, not its signs
            partial = file.with_suffix(".partial")
            partial.write_bytes(orjson.dumps(tail.measures()))
            partial.replace(file)


def _sentence(error: Exception, log: Path) -> str:
    if isinstance(error, PolyglotError):
        return str(error)
    if _full(error):
        return FULL
    cause = type(error).__name__
    if isinstance(error, OSError):  # the only message that is sure to hold no text
        cause += f": {error}"
    return f"A data worker failed with {cause}: {log} has the rest."


def _full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
