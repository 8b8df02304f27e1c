"""Run the DVC graph stage by stage: what the command line and the Prefect flow both stand on.

DVC decides what is up to date and records what was made; this module only asks it for one stage
after the other, and tells what became of each.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.repo.reproduce import plan_repro

from flows.reproducer import Reproducer
from runtime import files, paths
from runtime.errors import PolyglotError
from runtime.ownership import OWNER
from runtime.stage import TEMPORARY, error_file, progress_file
from runtime.tracking import RUN

FULL = 1_000_000  # bytes: a disk with less is full

CACHED, RAN = "cached", "run"
PASSING = (TEMPORARY, -signal.SIGKILL, 128 + signal.SIGKILL)  # exit codes of a passing trouble


@dataclass
class Outcome:
    """What became of a stage."""

    stage: str
    state: str  # CACHED or RAN
    seconds: float
    headline: str


class StageFailed(PolyglotError):
    """A stage ended with an error; the message is its own sentence.

    ``temporary`` if the fault lay outside, such as with the cluster, and another try may do.
    """

    def __init__(self, stage: str, sentence: str, temporary: bool = False) -> None:
        super().__init__(sentence)
        self.stage = stage
        self.temporary = temporary


class Pipeline:
    """The stage graph of the project in the working folder, in the order it must run.

    ``close`` ends the DVC that has run its stages.
    """

    def __init__(self, target: str = "report") -> None:
        """Read the graph up to ``target``.

        Raises:
            PolyglotError: there is no graph here, or ``target`` is none of its stages.
        """
        try:
            self._repo = Repo(".")
            graph = self._repo.index.graph
        except DvcException as error:
            raise PolyglotError(f"The stage graph cannot be read: {error}") from None
        known = {stage.addressing: stage for stage in graph}
        if target not in known:
            raise PolyglotError(f"There is no stage {target!r}; known are: {', '.join(known)}.")
        self._stages = {s.addressing: s for s in plan_repro(graph, [known[target]])}
        self._dvc: Reproducer | None = None
        self._has_run = False

    @property
    def stages(self) -> list[str]:
        """Their names, in the order they must run."""
        return list(self._stages)

    @cached_property
    def _changes(self) -> dict[str, list[Any]]:
        """What DVC finds changed since each stage last ran."""
        try:
            with self._repo.lock:
                return {name: stage.status().get(name, []) for name, stage in self._stages.items()}
        except DvcException as error:
            raise PolyglotError(f"DVC cannot tell the state of the stages: {error}") from None

    def unchanged(self, stage: str) -> bool:
        """Whether it is known to be up to date; once a stage has run, only DVC's run can tell.

        Raises:
            PolyglotError: DVC cannot tell.
        """
        return not self._has_run and not self._changes[stage]

    def state(self, stage: str) -> str:
        """``up to date``, ``changed``, or ``missing`` when an output is not there."""
        changes = self._changes[stage]
        gone = (change.get("changed outs", {}) for change in changes if isinstance(change, dict))
        if any("deleted" in outs.values() for outs in gone):
            return "missing"
        return "changed" if changes else "up to date"

    def check_inputs(self) -> None:
        """Refuse to begin what would fail at its end.

        Raises:
            StageFailed: a stage needs a file or folder that is not there and that no stage makes.
        """
        made = [Path(out.fs_path) for out in self._repo.index.outs]
        for name, stage in self._stages.items():
            for dependency in stage.deps:
                path = Path(dependency.fs_path)
                coming = any(path.is_relative_to(out) or out.is_relative_to(path) for out in made)
                if not coming and not path.exists():
                    missing = f"Stage {name} needs {dependency.def_path}, which is not there."
                    raise StageFailed(name, missing)

    def reproduce(self, stage: str, run: str, force: bool, watch: Callable[[], None]) -> int:
        """Let DVC bring a stage up to date as a part of ``run``; its exit code."""
        self._has_run = True
        if self._dvc is None or not self._dvc.alive:
            self._dvc = Reproducer(_environment(run))
        return self._dvc.reproduce(stage, log_file(stage), force, watch)

    def close(self) -> None:
        """End DVC's process."""
        if self._dvc:
            self._dvc.close()


def run_stage(
    pipeline: Pipeline,
    stage: str,
    *,
    run: str,
    force: bool = False,
    watch: Callable[[], None] = lambda: None,
) -> Outcome:
    """Bring one stage up to date, calling ``watch`` several times a second while it works.

    Raises:
        StageFailed: the stage ended with an error.
    """
    started = time.monotonic()
    if not force and pipeline.unchanged(stage):
        return Outcome(stage, CACHED, time.monotonic() - started, headline(stage))
    error_file(stage).unlink(missing_ok=True)
    log = log_file(stage)
    log.parent.mkdir(parents=True, exist_ok=True)
    former = log.with_suffix(".former")
    if log.exists():
        log.replace(former)
    log.touch()
    code = pipeline.reproduce(stage, run, force, watch)
    if code:
        raise StageFailed(stage, _sentence(stage), _temporary(stage, code))
    said = log.read_text(encoding="utf-8", errors="replace")
    restored = "is cached - skipping run" in said
    if restored:
        progress_file(stage).unlink(missing_ok=True)  # its figures are another run's
    cached = restored or f"Stage '{stage}' didn't change, skipping" in said
    if cached and former.exists():
        former.replace(log)  # what its last run told
    former.unlink(missing_ok=True)
    return Outcome(stage, CACHED if cached else RAN, time.monotonic() - started, headline(stage))


def log_file(stage: str) -> Path:
    """Where everything that a stage prints is kept."""
    return paths.LOGS / f"{stage}.log"


def progress(stage: str) -> dict[str, Any]:
    """The last progress that a stage wrote; empty before it wrote any."""
    try:
        return files.read_json(progress_file(stage))
    except PolyglotError:
        return {}


def headline(stage: str) -> str:
    """The stage's figure for the closing table, from its last run."""
    return progress(stage).get("headline", "")


def _environment(run: str) -> dict[str, str]:
    environment = {**os.environ, RUN: run, OWNER: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return environment


def _sentence(stage: str) -> str:
    """The stage's own sentence, or what can be told without it."""
    error = error_file(stage)
    if error.exists() and (sentence := error.read_text(encoding="utf-8")):
        return sentence
    if shutil.disk_usage(".").free < FULL:  # too full even for the sentence
        return f"The disk is full, and stage {stage} could not go on: free some space, run again."
    lines = log_file(stage).read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.startswith("ERROR:")), "")
    return f"Stage {stage} failed: {last.removeprefix('ERROR: ') or 'no reason given'}"


def _temporary(stage: str, code: int) -> bool:
    """Whether the stage said so by its exit code, or was killed; ``code`` is that of DVC."""
    log = log_file(stage).read_text(encoding="utf-8", errors="replace")
    return code < 0 or any(f"exited with {own}\n" in log for own in PASSING)
