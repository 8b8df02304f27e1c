"""Runs datatrove blocks once a task, resumable, in a folder that appears when whole.

    inputs = documents.shards(paths.INGEST / "documents")
    with executor.workspace(paths.CLEAN, executor.fingerprint(asdict(params), inputs)) as work:
        ledger = Ledger("clean")
        blocks = [DocumentReader(...), Clean(params, ledger), DocumentWriter(work / "documents")]
        ledger = executor.run("clean", blocks, len(inputs), work, progress, ledger)

The number of tasks decides the output. Where they run, on this machine's cores, as jobs of Slurm or
on Ray (``infra/launch``), and how many side by side, decides only how long it takes.
"""

import hashlib
import json
import shutil
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from datatrove.pipeline.base import PipelineStep

from runtime import files, launch
from runtime.executor import local, owner, ray, slurm
from runtime.executor.meter import Meter
from runtime.executor.owner import Owner
from runtime.executor.task import Tail, failures, part_file, pulses
from runtime.launch import Executor
from runtime.ledger import Ledger
from runtime.progress import Progress

__all__ = ["fingerprint", "run", "workspace"]


def fingerprint(params: dict[str, Any], inputs: Iterable[Path]) -> str:
    """A hash of parameters and of the inputs' names, sizes and times of change."""
    listing = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in inputs]
    return hashlib.sha256(json.dumps([params, listing]).encode()).hexdigest()


@contextmanager
def workspace(final: Path, fingerprint: str) -> Iterator[Path]:
    """A partial folder beside ``final``, published as ``final`` if the body succeeds.

    What a killed run with the same fingerprint left there is used again; any other is wiped. Before
    either, tasks that a killed run left running elsewhere are ended.
    """
    partial = final.with_name(f"{final.name}.partial")
    state = partial / "state"
    _end_former_tasks(state)
    seal = state / "fingerprint"
    if not seal.exists() or seal.read_text() != fingerprint:
        shutil.rmtree(partial, ignore_errors=True)
        files.write_text(seal, fingerprint)
    yield partial
    seal.unlink()  # first: what a kill leaves of the state must not pass for all of it
    shutil.rmtree(state)
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
    ``work`` comes from ``workspace``. The first block's ``done`` moves the progress, and its
    ``ledger``, if it has one, tells the documents and bytes. Blocks must survive pickling.

    Raises:
        PolyglotError: a task failed or was killed; all others have been ended.
    """
    state = work.absolute() / "state" / name
    for stale in (failures(state), pulses(state)):
        shutil.rmtree(stale, ignore_errors=True)
        stale.mkdir(parents=True)
    meter = Meter(state)
    with closing(_steps(blocks, tasks, state, ledger)) as steps:
        for figures in steps:
            progress.update(meter.read(), **meter.figures(), **figures)
    progress.update(meter.read(), **meter.figures())
    parts = (files.read_json(part_file(state, rank)) for rank in range(tasks))
    return Ledger.merged(ledger.stage, (part["ledger"] for part in parts))


def _steps(
    blocks: list[PipelineStep], tasks: int, state: Path, ledger: Ledger
) -> Generator[dict[str, str]]:
    """The configured executor at work; yields figures for the progress now and then."""
    chosen = launch.load().executor
    if chosen is Executor.local:
        tail = Tail(blocks[0], ledger, state)
        yield from local.ForkingExecutor([*blocks, tail], tasks, state).steps()
        return
    (slurm if chosen is Executor.slurm else ray).check()
    owned = Owner(state.parent, chosen.name)
    elsewhere = slurm.ArrayExecutor if chosen is Executor.slurm else ray.RayExecutor
    tail = Tail(blocks[0], ledger, state, owned)
    yield from elsewhere([*blocks, tail], tasks, state, owned).steps()


def _end_former_tasks(state: Path) -> None:
    former = owner.revoke(state)
    if former == Executor.slurm.name:
        slurm.cancel(state)
    elif former == Executor.ray.name:
        ray.leave(state)
