"""Tasks on Ray: a cluster that is there already, or one of this machine for the time of the stage.

datatrove's own RayPipelineExecutor runs a failing task four times and then returns as if all was
done; here the first failure ends the stage.
"""

import os
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep

from runtime import launch
from runtime.errors import PolyglotError
from runtime.executor import owner
from runtime.executor.owner import Owner
from runtime.executor.task import PULSE, failure, perform

POLL = 0.5  # seconds between two looks at the tasks
LEAVING = 10 * PULSE  # seconds that tasks need at most to see that they have lost their owner


class RayExecutor(LocalPipelineExecutor):
    """A Ray task a task of ours, never repeated by Ray; pickled, it is what each of them runs."""

    def __init__(self, pipeline: list[PipelineStep], tasks: int, state: Path, owned: Owner) -> None:
        super().__init__(pipeline, tasks, launch.workers() or tasks, str(state))
        self.state = state
        self.owned = owned

    def steps(self) -> Iterator[dict[str, str]]:
        """Run all tasks not yet completed; yields now and then until they are done."""
        import ray

        options = launch.load().ray
        assert options
        running: list[Any] = []
        try:
            _connect(options.address)
            task = ray.remote(
                num_cpus=options.cpus,
                memory=options.memory * 2**30,
                max_retries=0,  # a lost node may still be writing
                max_calls=1,  # a worker takes its memory with it
            )(_perform)
            pickled = ray.put(self)
            waiting = self.get_incomplete_ranks()
            while waiting or running:
                while waiting and len(running) < self.workers:
                    running.append(task.remote(os.getcwd(), pickled, waiting.pop(0)))
                ready, running = ray.wait(running, timeout=POLL)
                for result in ready:
                    self._check(result)
                self.owned.live()
                yield {}
        finally:
            ray.shutdown()  # ends all tasks of this driver, on other machines in a moment
            if not running:
                owner.forget(self.state.parent)

    def _check(self, result: Any) -> None:
        import ray

        try:
            code = ray.get(result)
        except ray.exceptions.OutOfMemoryError:
            sentence = "A data worker ran out of memory: raise ray.memory in infra/launch."
        except ray.exceptions.RayError as error:
            sentence = f"Ray lost a data worker ({type(error).__name__}): run again to go on."
        else:
            if not code:
                return
            told = failure(self.state, code)
            sentence = told or f"A data worker ended with code {code}: see {self.state}/logs."
        raise PolyglotError(sentence)


def _connect(address: str) -> None:
    import ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing leaves the cluster
    alone: dict[str, Any] = {"_node_ip_address": "127.0.0.1", "include_dashboard": False}
    more = alone if address == "local" else {}
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, **more)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise PolyglotError(f"Ray at {address} cannot be used ({type(error).__name__}).") from None


def check() -> None:
    """Raise why tasks cannot be started from here, if that can be told."""
    if find_spec("ray") is None:
        raise PolyglotError("Ray is not installed: pip install 'polyglot-ko[ray]'.")


def leave(state: Path) -> None:
    """Wait until no task works in ``state``: Ray ends them with their driver, or they do it."""
    owner.revoke(state)
    time.sleep(LEAVING)
    owner.forget(state)


def _perform(folder: str, executor: RayExecutor, rank: int) -> int:
    """In Ray's worker, which stands in a folder of its own."""
    os.chdir(folder)
    return perform(executor, rank)
