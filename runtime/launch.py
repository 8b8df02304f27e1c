"""Where the work runs: data workers and training processes, apart from what is computed.

``infra/launch/<name>.yaml`` holds the choice, ``POLYGLOT_LAUNCH`` names it (``local`` if unset).
Nothing in it changes a result, so DVC does not see it.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from omegaconf import OmegaConf
from yaml import YAMLError

from runtime import params, paths
from runtime.errors import ERROR, PolyglotError, Unavailable
from runtime.ownership import die_with_parent

LAUNCH = "POLYGLOT_LAUNCH"
PATIENCE = "POLYGLOT_PATIENCE"  # environment of a rank: see Launch.patience
SAVED = 77  # exit code of a rank that was asked to end, and has saved: to be started again
HUNG = 78  # of one that went no further for too long
CAUSES = {
    "SIGKILL": ": is there enough memory?",
    "SIGBUS": ": a shard in data/tokens was cut short meanwhile, or its disk cannot be read.",
}
FRESH = "POLYGLOT_FRESH"  # environment: 1 makes training discard its checkpoints and begin anew


class Executor(Enum):
    """What runs the tasks of the data stages."""

    local = "processes of this machine"
    slurm = "jobs of Slurm"
    ray = "tasks of Ray"


@dataclass
class Slurm:
    """What each job of a data stage asks for; a job runs one task, that is, one shard."""

    partition: str | None  # null in this and the next two: the cluster's own choice
    account: str | None
    qos: str | None
    time: str  # limit, as Slurm writes it
    cpus: int  # a task uses one; some clusters give memory with cores only
    memory: int  # GB a core
    max_array_size: int  # MaxArraySize of the cluster (scontrol show config)
    arguments: dict[str, str]  # more arguments of sbatch, such as {constraint: cpu}


@dataclass
class Ray:
    """Where Ray is, and what each task of a data stage asks of it."""

    address: str  # of a running cluster, or auto; local: one of this machine alone, for each pass
    cpus: float
    memory: float  # GB


@dataclass
class Training:
    """The job of Slurm that trains: its ranks are started by srun, ``processes`` on each node."""

    nodes: int
    gpus: int  # of a node
    cpus: int  # of a rank
    partition: str | None  # null in this and the next two: the cluster's own choice
    account: str | None
    qos: str | None
    time: str  # limit, as Slurm writes it; at its end training saves and the job queues again
    environment: dict[str, str]  # of every rank, such as {NCCL_IB_HCA: mlx5}
    setup: list[str]  # lines of sh before the ranks start, such as `module load cuda`
    sbatch: list[str]  # more arguments of sbatch, such as --exclusive
    srun: list[str]  # and of srun, such as --container-image=… of Pyxis


@dataclass
class Launch:
    workers: int | None  # data workers; null: one a core, or as many as the cluster has room for
    processes: int | None  # training processes of a machine; null: one a GPU, or two on a CPU
    grace: float  # seconds that a training process has for its checkpoint after SIGTERM
    patience: float  # seconds without a step after which a training process counts as hung
    executor: Executor = Executor.local  # of the data stages
    slurm: Slurm | None = None
    training: Training | None = None  # as a job of Slurm; null: on this machine
    ray: Ray | None = None


def load() -> Launch:
    """The launch configuration in force.

    Raises:
        PolyglotError: there is no such configuration, or a key of it is wrong.
    """
    name = os.environ.get(LAUNCH, "local")
    path = paths.LAUNCH / f"{name}.yaml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in paths.LAUNCH.glob("*.yaml")))
        raise PolyglotError(f"There is no launch configuration {name!r}; known are: {known}.")
    try:
        values = OmegaConf.load(path)
    except YAMLError as error:
        raise PolyglotError(f"{path} is not valid YAML: {str(error).splitlines()[0]}.") from None
    launch = params.typed(f"launch.{name}", values, Launch)
    if launch.executor is not Executor.local and not getattr(launch, launch.executor.name):
        section = launch.executor.name
        raise PolyglotError(f"{path} chooses the executor {section}: give it a section {section}.")
    return launch


def workers() -> int | None:
    """How many data workers run side by side at most, if there is a limit.

    ``POLYGLOT_WORKERS`` wins over the file.
    """
    return _count("POLYGLOT_WORKERS") or load().workers


def processes(most: int | None = None) -> int:
    """How many training processes run (``POLYGLOT_PROCESSES`` wins over the file, on a machine).

    Where neither names a number it is that of the GPUs, or two, and not above ``most``.
    """
    launch = load()
    count = _count("POLYGLOT_PROCESSES") or launch.processes
    if launch.training:
        return launch.training.nodes * (count or launch.training.gpus or 1)
    return count or min(_gpus() or 2, most or sys.maxsize)


def ranks(module: str, args: list[str], most: int | None = None) -> None:
    """Run ``python -m module args`` once a rank and wait for all; end the rest when one fails.

    ``most`` is the largest number of ranks that have work to do.

    Each rank finds RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT in its environment.

    Raises:
        PolyglotError: a rank failed; the sentence is the rank's own where it left one.
    """
    launch = load()
    worker = [sys.executable, "-m", module, *args]
    paths.STATE.mkdir(exist_ok=True)  # on a cluster, a folder that all nodes see
    if launch.training:
        from runtime import job

        job.run("pretrain", worker, launch)
        return
    with tempfile.TemporaryDirectory(prefix="ranks-", dir=paths.STATE.resolve()) as folder:
        error = Path(folder) / "error"
        count, port = processes(most), _free_port()
        running = [
            _start(worker, _environment(rank, count, port, launch.patience), error)
            for rank in range(count)
        ]
        try:
            _wait(running)
            codes = [process.returncode for process in running if process.returncode]
            if codes:
                raise failure(error, codes)
        finally:
            _end(running, launch.grace)


def on_a_node(stage: str, module: str, *args: str) -> bool:
    """Run ``python -m module args`` on a node of the cluster that trains; False without one.

    Raises:
        PolyglotError: it failed; the sentence is its own where it left one.
    """
    launch = load()
    if not launch.training:
        return False
    from runtime import job

    paths.STATE.mkdir(exist_ok=True)
    job.run(stage, [sys.executable, "-m", module, *args], launch, alone=True)
    return True


def _count(variable: str) -> int | None:
    text = os.environ.get(variable)
    if not text:
        return None
    if not text.isdecimal() or not int(text):
        raise PolyglotError(f"{variable} is {text!r}, but must be a number above 0.")
    return int(text)


def _environment(rank: int, count: int, port: int, patience: float) -> dict[str, str]:
    return {
        PATIENCE: os.environ.get(PATIENCE) or str(patience),
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": str(max(1, len(os.sched_getaffinity(0)) // count)),
    }


def _start(command: list[str], environment: dict[str, str], error: Path) -> subprocess.Popen:
    return subprocess.Popen(
        command,
        env={**os.environ, ERROR: str(error), **environment},
        preexec_fn=die_with_parent,
    )


def _wait(running: list[subprocess.Popen]) -> None:
    """Return when all have ended, or as soon as one has failed."""
    codes: list[int | None] = [None]
    while None in codes and not any(codes):
        time.sleep(0.2)
        codes = [process.poll() for process in running]


def _end(running: list[subprocess.Popen], grace: float) -> None:
    for process in running:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + grace
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def failure(error: Path, codes: list[int], stage: str = "pretrain") -> PolyglotError:
    """Why processes of a stage ended with ``codes``: a signal (below 0), or what one has left.

    One that was killed, or that hung, may do better from the newest checkpoint.
    """
    kind = Unavailable if {-signal.SIGKILL, HUNG} & set(codes) else PolyglotError
    who = "A training process" if stage == "pretrain" else f"The process of {stage}"
    if killed := next((-code for code in codes if code < 0), 0):
        name = signal.Signals(killed).name
        return kind(f"{who} was ended by {name}{CAUSES.get(name, '.')}")
    if error.exists() and (told := error.read_text(encoding="utf-8")):
        return kind(told)
    if SAVED in codes:
        return kind("Training was asked to end, and has saved: run again to go on.")
    return kind(f"{who} ended with code {codes[0]}: logs/{stage}.log has what it printed.")


def _gpus() -> int:
    import torch

    return torch.cuda.device_count()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
