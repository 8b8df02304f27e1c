"""One run of the pipeline: the workspace's lock, its record in MLflow, and its stages in turn."""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from flows import profile as profiles
from flows import retrain as retraining
from flows.pipeline import Outcome, Pipeline, StageFailed, run_stage
from flows.record import Record
from runtime import params, paths
from runtime.errors import PolyglotError
from stages.evaluate.documents import load
from stages.evaluate.params import EvaluateParams, check


class Busy(PolyglotError):
    """Somebody else runs in this workspace."""


class Run:
    """A run in progress; its stages are brought up to date with ``bring``."""

    def __init__(self, target: str = "report") -> None:
        profile = str(params.read().get("profile", ""))
        self.name = f"{profile}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        self.pipeline = Pipeline(target)
        self.pipeline.check_inputs()
        _check_evaluation()
        self.record = Record(self.name, profile)
        self.outcomes: list[Outcome] = []
        self.failed: StageFailed | None = None
        self.verdict: str | None = None  # on the registered model

    def bring(self, stage: str, *, force: bool = False, **options) -> Outcome:
        """Bring one stage up to date; the record begins with the first that has work to do.

        Raises:
            StageFailed: the stage ended with an error.
        """
        if force or not self.pipeline.unchanged(stage):
            self.record.begin()
        try:
            outcome = run_stage(self.pipeline, stage, run=self.name, force=force, **options)
        except StageFailed as error:
            self.failed = error
            raise
        self.failed = None
        self.outcomes.append(outcome)
        return outcome

    def end(self, status: str) -> None:
        """End DVC, and close the record."""
        self.pipeline.close()
        self.verdict = self.record.end(status, self.outcomes, self.failed)


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else runs in this workspace or changes its parameters.

    Raises:
        Busy: somebody does.
    """
    paths.STATE.mkdir(exist_ok=True)
    lock = FileLock(paths.STATE / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy("Another run of this workspace is going on: wait for it.") from None
    with lock:
        yield


@contextmanager
def started(
    target: str = "report",
    profile: str | None = None,
    overrides: Sequence[str] = (),
    retrain: bool = False,
) -> Iterator[Run]:
    """A run of this workspace, closed with its status whatever happens.

    Args:
        target: The last stage.
        profile: Put in force first; none keeps what is in force.
        overrides: key=value words on top.
        retrain: Continue from the champion, if there is new data.

    Raises:
        Busy: another run of this workspace is going on.
        NothingNew: there is no data that the champion has not seen.
        PolyglotError: parameters or inputs are wrong.
    """
    with alone():
        if profile:
            profiles.use(profiles.composed(profile, overrides))
        elif overrides:
            profiles.use(profiles.current(overrides))
        if retrain:
            profiles.use(profiles.current(retraining.overrides()))
        run = Run(target)
        try:
            yield run
        except Exception:
            run.end("FAILED")
            raise
        except BaseException:  # it was interrupted
            run.end("KILLED")
            raise
        run.end("FINISHED")


def _check_evaluation() -> None:
    """Refuse at the start what the evaluation would refuse after weeks of training."""
    evaluation = params.load("evaluate", EvaluateParams)
    check(evaluation)
    if evaluation.data and Path(evaluation.data).is_dir():
        for task in evaluation.tasks:
            load(evaluation.data, task)
