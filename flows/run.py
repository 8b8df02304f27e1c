"""One run of the pipeline: the workspace's lock, its record in MLflow, and its stages in turn."""

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from flows import profile as profiles
from flows import registry
from flows.pipeline import RAN, Outcome, Pipeline, run_stage
from runtime import files, params, paths
from runtime.errors import PolyglotError
from runtime.ownership import die_with_parent
from runtime.stage import Terminated
from runtime.tracking import PIPELINE, Tracker, close_abandoned, flatten
from stages.evaluate.documents import load
from stages.evaluate.params import EvaluateParams, check

DELIVERY_PATIENCE = 20.0  # seconds that the end of a run waits for MLflow


class Run:
    """A run in progress; its stages are brought up to date with ``bring``."""

    def __init__(self, target: str = "report") -> None:
        self.profile = str(params.read().get("profile", ""))
        self.name = f"{self.profile}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        self.pipeline = Pipeline(target)
        self.pipeline.check_inputs()
        _check_evaluation()
        self.tracker = Tracker(paths.SPOOL / self.name / PIPELINE)
        self.outcomes: list[Outcome] = []
        self.verdict: str | None = None  # on the registered model
        self._delivery: subprocess.Popen | None = None

    def bring(self, stage: str, *, force: bool = False, **options) -> Outcome:
        """Bring one stage up to date; the record begins with the first that has work to do."""
        if force or self.pipeline.changes(stage):
            self._begin()
        outcome = run_stage(self.pipeline, stage, run=self.name, force=force, **options)
        self.outcomes.append(outcome)
        return outcome

    def _begin(self) -> None:
        if self._delivery is None:
            close_abandoned()
            self.tracker.start(self.name, {"profile": self.profile, "git.commit": git_commit()})
            self.tracker.params(params.read())
            self._delivery = subprocess.Popen(
                [sys.executable, "-m", "runtime.delivery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=(_log()).open("wb"),
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def end(self, status: str) -> None:
        """Close the record and give MLflow a moment to take the rest of it."""
        if self._delivery is None:
            return
        states = {outcome.stage: outcome.state for outcome in self.outcomes}
        ran = [stage for stage, state in states.items() if state == RAN]
        self.tracker.tags({"stages.run": ", ".join(ran)})
        self.tracker.metrics(headline_metrics(set(states)))
        self.tracker.artifact(paths.PARAMS)
        if "report" in states:
            for path in (paths.REPORT, paths.FIGURES, paths.SUMMARY, paths.GATES):
                self.tracker.artifact(path)
        registered = status == "FINISHED" and "release" in ran
        if registered:
            self._register()
        self.tracker.end(status)
        assert self._delivery.stdin is not None
        self._delivery.stdin.close()
        try:
            self._delivery.wait(DELIVERY_PATIENCE)
        except subprocess.TimeoutExpired:
            self._delivery.kill()
            self._delivery.wait()
        if registered:
            self.verdict = _verdict(self.profile)

    def _register(self) -> None:
        """Every model that passed the gates becomes a version, with what it came from."""
        tags = {
            "profile": self.profile,
            "run": self.name,
            "git.commit": git_commit(),
            "dvc.lock": files.sha256(Path("dvc.lock")),
        }
        self.tracker.model(paths.RELEASE, registry.name_of(self.profile), tags)


def _verdict(profile: str) -> str | None:
    """Whether the model just registered is the champion; a record that waits says so later."""
    if registry.by_hand():
        return None
    try:
        return registry.settle(registry.name_of(profile))
    except Exception as error:  # tracking never stops the work
        return (
            f"MLflow did not tell of the champion ({type(error).__name__}): `polyglot sync` asks."
        )


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else runs in this workspace or changes its parameters.

    Raises:
        PolyglotError: somebody does.
    """
    paths.STATE.mkdir(exist_ok=True)
    lock = FileLock(paths.STATE / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise PolyglotError("Another run of this workspace is going on: wait for it.") from None
    with lock:
        yield


@contextmanager
def started(
    target: str = "report", profile: str | None = None, overrides: Sequence[str] = ()
) -> Iterator[Run]:
    """A run of this workspace, closed with its status whatever happens.

    Args:
        target: The last stage.
        profile: Put in force first; none keeps what is in force.
        overrides: key=value words on top.

    Raises:
        PolyglotError: another run of this workspace is going on, or parameters or inputs are wrong.
    """
    with alone():
        if profile:
            profiles.use(profiles.composed(profile, overrides))
        elif overrides:
            profiles.use(profiles.current(overrides))
        run = Run(target)
        try:
            yield run
        except (KeyboardInterrupt, Terminated):
            run.end("KILLED")
            raise
        except BaseException:
            run.end("FAILED")
            raise
        run.end("FINISHED")


def _check_evaluation() -> None:
    """Refuse at the start what the evaluation would refuse after weeks of training."""
    evaluation = params.load("evaluate", EvaluateParams)
    check(evaluation)
    if evaluation.data and Path(evaluation.data).is_dir():
        for task in evaluation.tasks:
            load(evaluation.data, task)


def headline_metrics(stages: set[str]) -> dict[str, float]:
    """The figures a reviewer sorts runs by, of the ``stages`` that were brought up to date."""
    figures: dict[str, float] = {}
    made_by = {"pretrain": ("", paths.PRETRAIN), "evaluate": ("kobest.", paths.EVALUATE)}
    for prefix, folder in (made_by[stage] for stage in made_by if stage in stages):
        values = flatten(files.read_json(folder / "metrics.json"))
        figures |= {
            f"{prefix}{key}": value
            for key, value in values.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
    return figures


def git_commit() -> str:
    """The commit of the working folder, with ``-dirty`` when files differ; empty without git."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip()


def _log():
    paths.LOGS.mkdir(exist_ok=True)
    return paths.LOGS / "delivery.log"
