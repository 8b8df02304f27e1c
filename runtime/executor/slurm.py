"""Tasks as an array of Slurm jobs, which the caller waits for.

datatrove submits and goes away; here the owner stays, tells how far the jobs are, and cancels them
when it ends. A job of an owner that was killed ends by itself, and is cancelled before the next
owner submits anything. What became of a job is asked of the controller, which remembers for a few
minutes: small clusters keep no accounts.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shlex import quote

import dill
from datatrove.executor import SlurmPipelineExecutor
from datatrove.pipeline.base import PipelineStep

from runtime import launch, slurm
from runtime.errors import PolyglotError, Unavailable
from runtime.executor import owner
from runtime.executor.owner import Owner
from runtime.executor.task import failure, perform

POLL = 1.0  # seconds between two looks at what the tasks have written
QUEUE_POLL = 5.0  # seconds between two questions to the controller
SETTLING = 30.0  # seconds after which what a task wrote must be seen on every machine
CANCELLING = 120.0  # seconds that cancelled jobs have to end; Slurm kills after 30 by default


class ArrayExecutor(SlurmPipelineExecutor):
    """An array of jobs, one a task; pickled, it is what each of them runs."""

    def __init__(self, pipeline: list[PipelineStep], tasks: int, state: Path, owned: Owner) -> None:
        where = launch.load()
        assert where.slurm
        options = where.slurm
        super().__init__(
            pipeline,
            tasks,
            time=options.time,
            partition=options.partition,
            cpus_per_task=options.cpus,
            mem_per_cpu_gb=options.memory,
            workers=launch.workers() or -1,
            job_name=_name(state.parent),
            qos=options.qos,
            env_command="export PYTHONUNBUFFERED=1",
            sbatch_args={"account": options.account, **options.arguments},
            max_array_size=options.max_array_size,
            logging_dir=str(state),
            requeue=False,  # a lost node may still be writing
        )
        self.state = state
        self.owned = owned

    def get_sbatch_args(self, max_array: int = 1) -> dict[str, object]:
        """datatrove's, without those that are left to the cluster."""
        arguments = super().get_sbatch_args(max_array)
        return {name: value for name, value in arguments.items() if value is not None}

    def run(self) -> None:
        """In the job: run its task."""
        offset = self.max_array_size * int(os.environ["RUN_OFFSET"])
        ranks = json.loads((self.state / "ranks.json").read_text())
        sys.exit(perform(self, ranks[int(os.environ["SLURM_ARRAY_TASK_ID"]) + offset]))

    def steps(self) -> Iterator[dict[str, str]]:
        """Run all tasks not yet completed; now and then tells how the queue stands."""
        try:
            yield from self._wait(self._submit(self.get_incomplete_ranks()))
        finally:
            cancel(self.state.parent)

    def _wait(self, arrays: list[str]) -> Iterator[dict[str, str]]:
        asked = time.monotonic()
        ended: float | None = None
        queue = {"jobs": "submitted"}
        while self.get_incomplete_ranks():
            if told := failure(self.state):
                raise PolyglotError(told)
            self.owned.live()
            if time.monotonic() - asked >= QUEUE_POLL:
                asked = time.monotonic()
                with suppress(slurm.Unanswered):  # the jobs go on without it, and so do we
                    mine = [job for job in slurm.jobs(self.job_name) if job.array in arrays]
                    self._check(mine)
                    active = [job for job in mine if job.state not in slurm.ENDED]
                    ended = None if active else ended or asked
                    queue = {"jobs": slurm.counts(active)}
            if ended and time.monotonic() - ended > SETTLING:
                raise Unavailable(
                    f"Slurm ended the jobs {', '.join(arrays)} before all tasks were done: "
                    f"{self.slurm_logs_folder} may tell why. Run again to go on."
                )
            yield queue
            time.sleep(POLL)

    def _check(self, jobs: list[slurm.Job]) -> None:
        """Raise what became of a job that did not end well."""
        failed = next((job for job in jobs if job.state in slurm.ENDED - {"COMPLETED"}), None)
        if not failed:
            return
        code = failed.exit_code
        deadline = time.monotonic() + (SETTLING if failed.state == "FAILED" and code > 0 else 0)
        while not (told := failure(self.state, code)) and time.monotonic() < deadline:
            time.sleep(POLL)
        kind = Unavailable if failed.state in slurm.OF_THE_CLUSTER else PolyglotError
        raise kind(told or self._sentence(failed, code))

    def _sentence(self, job: slurm.Job, code: int) -> str:
        cause = slurm.CAUSES.get(job.state, f"ended as {job.state}")
        if job.state == "FAILED" and code < 0:
            name = signal.Signals(-code).name
            cause = f"was killed by {name}, perhaps for lack of memory (slurm.memory)"
        elif job.state == "FAILED":
            cause = f"ended with code {code}, and {self.slurm_logs_folder} may tell why"
        return f"Slurm job {job.array}_{job.task} {cause}. Run again to go on."

    def _submit(self, ranks: list[int]) -> list[str]:
        """Submit ``ranks`` in arrays as large as the cluster takes, one after the other."""
        (self.state / "ranks.json").write_text(json.dumps(ranks))
        pickled = self.state / "executor.pik"
        pickled.write_bytes(dill.dumps(self))
        module = "datatrove.tools.launch_pickled_pipeline"
        # exec: where Slurm knows a job's processes by their parents, a shell must not be one
        command = f"exec {quote(sys.executable)} -m {module} {quote(str(pickled))}"
        arrays: list[str] = []
        for offset, first in enumerate(range(0, len(ranks), self.max_array_size)):
            count = min(self.max_array_size, len(ranks) - first)
            script = self.get_launch_file_contents(self.get_sbatch_args(count), command)
            words = ["--parsable", f"--export=ALL,RUN_OFFSET={offset}"]
            after = [f"--dependency=afterany:{arrays[-1]}"] if arrays else []
            arrays.append(slurm.ask(["sbatch", *words, *after], script).split(";")[0].strip())
        return arrays


def check() -> None:
    """Raise why jobs cannot be submitted from here, if that can be told."""
    slurm.outside("The data stages")
    slurm.jobs("none")


def cancel(state: Path) -> None:
    """End all jobs that work in ``state``; returns when none is left.

    Raises:
        PolyglotError: Slurm does not answer, or a job does not end.
    """
    owner.revoke(state)
    deadline = time.monotonic() + CANCELLING
    try:
        while left := [job for job in slurm.jobs(_name(state)) if job.state not in slurm.ENDED]:
            arrays = sorted({job.array for job in left})
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"The Slurm jobs {', '.join(arrays)} do not end, and nothing else may write "
                    "where they do: run again when they have."
                )
            with suppress(slurm.Unanswered):  # it may have ended by itself
                slurm.ask(["scancel", "--quiet", *arrays])
            time.sleep(POLL / 2)
    except slurm.Unanswered as error:
        raise Unavailable(
            f"{error} Jobs of this stage may still be writing: run again when Slurm answers, or "
            f"delete {state.parent} if that cluster is gone."
        ) from None
    owner.forget(state)


def _name(state: Path) -> str:
    folder = state.resolve()
    return slurm.job_name(folder.parent.stem, folder)
