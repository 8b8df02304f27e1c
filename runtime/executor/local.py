"""Tasks as processes of this machine."""

import io
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import pandas  # noqa: F401  pyarrow loads it for its first array: here once, not in every worker
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep

from runtime import launch
from runtime.errors import PolyglotError
from runtime.executor.task import failure, perform
from runtime.ownership import die_with_parent

POLL = 0.2  # seconds between two looks at the workers

# Forked workers start in milliseconds, inherit the blocks as they stand, and take their memory
# with them when their task is done.
_FORK = multiprocessing.get_context("fork")


class ForkingExecutor(LocalPipelineExecutor):
    """A forked process a task: datatrove's pool waits for ever when a worker is killed."""

    def __init__(self, pipeline: list[PipelineStep], tasks: int, state: Path) -> None:
        workers = launch.workers() or len(os.sched_getaffinity(0))
        super().__init__(pipeline, tasks, workers, str(state))
        self.state = state

    def steps(self) -> Iterator[dict[str, str]]:
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
                yield {}
        finally:
            for process in running.values():
                process.kill()
                process.join()

    def _cause(self, code: int) -> str:
        if code < 0:
            return (
                f"A data worker was killed by {signal.Signals(-code).name}, perhaps for lack of "
                "memory: run again with fewer workers (POLYGLOT_WORKERS)."
            )
        told = failure(self.state, code)
        return told or f"A data worker ended with code {code}: see {self.state}/logs."

    def _work(self, rank: int) -> None:
        """In the worker: run one task."""
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the master, which ends us
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sys.stderr = io.StringIO()  # datatrove logs to the console as well
        sys.exit(perform(self, rank))
