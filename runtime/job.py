"""A stage that needs GPUs as a job of Slurm, which the caller waits for, and cancels when it ends.

The job starts one rank a GPU through srun, directly, so that their exit codes survive, or one
process with a whole node. When its time is up, or Slurm takes its nodes for others, they save and
the job queues again by itself; it also ends by itself, in good order, when nobody has waited for it
for long.
"""

import os
import shlex
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from runtime import files, launch, paths, slurm
from runtime.errors import ERROR, Unavailable
from runtime.launch import Launch, Training

SCRIPT = "infra/slurm/train.sh"
RANK = "infra/slurm/rank.sh"
POLL = 1.0  # seconds between two looks at the files
QUEUE_POLL = 5.0  # seconds between two questions to the controller
SETTLING = 60.0  # seconds that a job which has ended has to show its files here


def run(stage: str, worker: list[str], where: Launch, *, alone: bool = False) -> None:
    """Run the command ``worker`` of a stage once a rank, and wait until that is done.

    ``alone``: once in all, with all that one node has for ranks.

    Raises:
        PolyglotError: a rank failed, or Slurm refused the job or lost it (``Unavailable``).
    """
    assert where.training
    slurm.outside(f"The stage {stage}")
    state = (paths.STATE / "jobs" / stage).resolve()
    printed_to = paths.LOGS / f"{stage}.job.log"
    name = slurm.job_name(stage, state)
    _cancel(state, name, where.grace)  # that of an owner who was killed: it saves first
    for path in state.glob("*"):
        path.unlink()
    _live(state)
    files.write_text(state / "setup.sh", _setup(where.training, where.patience, state))
    printed_to.parent.mkdir(parents=True, exist_ok=True)
    printed_to.touch()
    printed = printed_to.stat().st_size
    asked = {**_asked(where, alone), "job-name": name, "output": printed_to}
    options = [f"--{name}={value}" for name, value in asked.items() if value is not None]
    words = ["sbatch", "--parsable", "--requeue", *options, *where.training.sbatch, SCRIPT]
    started = worker if alone else [RANK, *worker]
    words += [str(state), *_srun(where, asked["cpus-per-task"]), *started]
    job = slurm.ask(words).split(";")[0].strip()
    print(f"Slurm job {job} is submitted.", flush=True)
    with printed_to.open(encoding="utf-8", errors="replace") as output:
        output.seek(printed)
        try:
            code = _wait(job, name, state, output, printed_to)
        finally:
            _cancel(state, name, where.grace)
            _copy(output)
    if code:
        raise launch.failure(state / "error", [128 - code if code > 128 else code], stage)


def _asked(where: Launch, alone: bool) -> dict[str, Any]:
    """Options of sbatch, of which those that are None are left to the cluster."""
    training = where.training
    assert training
    ranks = launch.processes() // training.nodes
    return {
        "partition": training.partition,
        "account": training.account,
        "qos": training.qos,
        "time": training.time,
        "nodes": 1 if alone else training.nodes,
        "ntasks-per-node": 1 if alone else ranks,
        "cpus-per-task": training.cpus * ranks if alone else training.cpus,
        "gpus-per-node": training.gpus or None,
        "signal": f"B:TERM@{round(where.grace)}",
        "open-mode": "append",
    }


def _srun(where: Launch, cpus: int) -> list[str]:
    """After one rank has ended, whatever its code, the others have some time to end as well."""
    assert where.training
    grace = round(where.grace)
    taken = f"--cpus-per-task={cpus}"  # srun does not take it from sbatch
    return ["srun", "--kill-on-bad-exit=0", f"--wait={grace}", taken, *where.training.srun]


def _setup(training: Training, patience: float, state: Path) -> str:
    """Lines of sh that the job runs before its ranks."""
    environment = {
        "OMP_NUM_THREADS": str(training.cpus),
        "PYTHONUNBUFFERED": "1",
        launch.PATIENCE: os.environ.get(launch.PATIENCE) or f"{patience:g}",
        ERROR: str(state / "error"),
        **training.environment,
    }
    exports = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    return "\n".join([*exports, *training.setup]) + "\n"


def _wait(job: str, name: str, state: Path, output: TextIO, printed_to: Path) -> int:
    """The job's exit code; what its ranks print into ``output`` is printed here as well."""
    asked, ended, told = 0.0, None, ""
    while (code := _code(state)) is None:
        _live(state)
        _copy(output)
        if time.monotonic() - asked >= QUEUE_POLL:
            asked = time.monotonic()
            with suppress(slurm.Unanswered):  # the job goes on without the controller
                mine = next((one for one in slurm.jobs(name) if one.array == job), None)
                ended = None if mine and mine.state not in slurm.ENDED else ended or asked
                seen = f"{mine.state.lower()} ({mine.reason})" if mine else "gone"
                if seen != told:
                    print(f"Slurm job {job} is {seen}.", flush=True)
                told = seen
        if ended and time.monotonic() - ended > SETTLING:
            cause = slurm.CAUSES.get(mine.state, "ended") if mine else "ended"
            raise Unavailable(
                f"Slurm job {job} {cause}, and {printed_to} may tell why. Run again to go on."
            )
        time.sleep(POLL)
    return code


def _copy(output: TextIO) -> None:
    sys.stdout.write(output.read())
    sys.stdout.flush()


def _code(state: Path) -> int | None:
    try:
        return int((state / "code").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _live(state: Path) -> None:
    """A sign for the job that somebody waits for it."""
    state.mkdir(parents=True, exist_ok=True)
    (state / "owner").touch()


def _cancel(state: Path, name: str, grace: float) -> None:
    """End the jobs of ``name``: those that run save first; returns when none is left.

    Raises:
        Unavailable: Slurm does not answer, or a job does not end.
    """
    began, asked = time.monotonic(), set()
    while left := [job for job in slurm.jobs(name) if job.state not in slurm.ENDED]:
        waited = time.monotonic() - began
        if waited > grace + SETTLING:
            raise Unavailable(
                f"Slurm job {left[0].array} does not end, and nothing else may write where it "
                "does: run again when it has."
            )
        (state / "cancelled").touch()
        for job in left:
            gently = job.state == "RUNNING" and waited < grace
            if (job.array, gently) not in asked:
                asked.add((job.array, gently))
                how = ["--signal=TERM", "--batch"] if gently else []
                with suppress(slurm.Unanswered):  # it may have ended by itself
                    slurm.ask(["scancel", "--quiet", *how, job.array])
        time.sleep(POLL)
