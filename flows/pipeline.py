"""Run the DVC graph stage by stage: what the command line and the Prefect flow both stand on.

DVC decides what is up to date and records what was made; this module only starts its stages, one
process group each, follows their progress and ends the whole group when the run is cancelled.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.repo.reproduce import plan_repro

from runtime import files, launch, paths
from runtime.errors import PolyglotError
from runtime.ownership import OWNER
from runtime.stage import TEMPORARY, error_file, progress_file
from runtime.tracking import RUN

POLL = 0.2  # seconds between two looks at a running stage
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
    """The stage graph of the project in the working folder, in the order it must run."""

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
        self.stages: list[str] = [s.addressing for s in plan_repro(graph, [known[target]])]
        self._changes: dict[str, list[Any]] | None = None  # of stages that were looked at

    def changes(self, stage: str) -> list[Any]:
        """What DVC finds changed since the stage last ran; empty when it is up to date.

        At first DVC is asked for all stages together, several times as fast as for each alone; once
        one has run, for each when its turn comes.
        """
        asked = self.stages if self._changes is None else [stage]
        if self._changes is None or stage not in self._changes:
            try:
                status = self._repo.status(targets=asked)
            except DvcException as error:
                raise StageFailed(stage, f"DVC cannot tell the state of {stage}: {error}") from None
            found = {name: status.get(name, []) for name in asked}
            self._changes = {**(self._changes or {}), **found}
        return self._changes[stage]

    def forget(self) -> None:
        """A stage has run: what follows from it may have changed."""
        self._changes = {}

    def state(self, stage: str) -> str:
        """``up to date``, ``changed``, or ``missing`` when an output is not there."""
        changes = self.changes(stage)
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
        for stage in self.stages:
            for dependency in self._repo.stage.collect(stage)[0].deps:
                path = Path(dependency.fs_path)
                coming = any(path.is_relative_to(out) or out.is_relative_to(path) for out in made)
                if not coming and not path.exists():
                    missing = f"Stage {stage} needs {dependency.def_path}, which is not there."
                    raise StageFailed(stage, missing)


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
    if not force and not pipeline.changes(stage):
        return Outcome(stage, CACHED, time.monotonic() - started, headline(stage))
    error_file(stage).unlink(missing_ok=True)
    log = log_file(stage)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "dvc", "--wait-for-lock", "repro", "-s", stage]
    pipeline.forget()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--force"] if force else command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(run, force),
            start_new_session=True,
        )
        with _ended_whole(process):
            while process.poll() is None:
                watch()
                time.sleep(POLL)
    if process.returncode:
        raise StageFailed(stage, _sentence(stage), _temporary(stage, process.returncode))
    restored = b"is cached - skipping run" in log.read_bytes()
    if restored:
        progress_file(stage).unlink(missing_ok=True)  # its figures are another run's
    return Outcome(stage, CACHED if restored else RAN, time.monotonic() - started, headline(stage))


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


def _environment(run: str, force: bool) -> dict[str, str]:
    environment = {**os.environ, RUN: run, OWNER: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**environment, launch.FRESH: "1"} if force else environment


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


@contextmanager
def _ended_whole(process: subprocess.Popen) -> Iterator[None]:
    """Whatever ends the block, the process's whole group has ended afterwards."""
    try:
        yield
    finally:
        if process.poll() is None:
            end_group(process.pid, launch.load().grace)
        process.wait()


def end_group(group: int, grace: float) -> None:
    """SIGTERM to a process group; SIGKILL to what is left of it after ``grace`` seconds."""
    members = [p for p in psutil.process_iter() if _group_of(p.pid) == group]
    _signal_group(group, signal.SIGTERM)
    _, alive = psutil.wait_procs(members, timeout=grace)
    if alive:
        _signal_group(group, signal.SIGKILL)
        psutil.wait_procs(alive)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return
