"""What MLflow shows of a run: name, tags, a description with its scores, datasets, files."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from flows import registry, retrain
from flows.pipeline import RAN, Outcome, StageFailed
from runtime import delivery, files, params, paths
from runtime.ownership import die_with_parent
from runtime.tracking import PIPELINE, Tracker, close_abandoned, flatten

PATIENCE = 3600.0  # seconds that the end of a run waits for MLflow: the weights may be large.
SHORT = 20.0  # that of a run which was interrupted. A server that does not answer ends both soon.
LOCK = Path("dvc.lock")
ENDS = {"FINISHED": "All gates passed.", "KILLED": "It was interrupted."}


class Record:
    """The record of one run, which begins with the first stage that has work to do."""

    def __init__(self, name: str, profile: str) -> None:
        self.name = name
        self._profile = profile
        self._tracker = Tracker(paths.SPOOL / name / PIPELINE)
        self._delivery: subprocess.Popen | None = None

    def begin(self) -> None:
        """Open it, if it is not open yet, and let a process of its own carry it to MLflow."""
        if self._delivery is not None:
            return
        close_abandoned()
        self._tracker.start(self.name, {"profile": self._profile, "git.commit": git_commit()})
        self._tracker.params(params.read())
        paths.LOGS.mkdir(exist_ok=True)
        with (paths.LOGS / "delivery.log").open("wb") as log:
            self._delivery = subprocess.Popen(
                [sys.executable, "-m", "runtime.delivery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                preexec_fn=_beside_the_work,
            )

    def end(
        self, status: str, outcomes: Sequence[Outcome], failed: StageFailed | None = None
    ) -> str | None:
        """Close it, and give MLflow a moment to take the rest of it.

        Returns:
            Whether the model that the run has made is the champion, if it can be told.
        """
        if self._delivery is None:
            return None
        states = {outcome.stage: outcome.state for outcome in outcomes}
        ran = [stage for stage, state in states.items() if state == RAN]
        lock = _lock()
        tags = {"stages.run": ", ".join(ran), "gates": _gates(states, failed)}
        tags |= _lock_tag() | {delivery.NOTE: description(status, outcomes, failed)}
        self._tracker.tags(tags)
        self._tracker.metrics(_headline_metrics(set(states)))
        self._datasets(states, lock)
        self._tracker.artifact(paths.PARAMS)
        if "report" in states:
            for path in (paths.REPORT, paths.FIGURES, paths.SUMMARY, paths.GATES):
                self._tracker.artifact(path)
        registered = status == "FINISHED" and "release" in ran
        if registered:
            # Every model that passed the gates becomes a version, with what it came from.
            tags = {"profile": self._profile, "run": self.name, "git.commit": git_commit()}
            tags |= _lock_tag() | {retrain.CORPUS: retrain.trained_on(lock)}
            self._tracker.model(paths.RELEASE, registry.name_of(self._profile), tags)
        self._tracker.end(status)
        self._deliver(SHORT if status == "KILLED" else PATIENCE)
        return self._verdict() if registered else None

    def _deliver(self, patience: float) -> None:
        assert self._delivery is not None and self._delivery.stdin is not None
        self._delivery.stdin.close()
        try:
            self._delivery.wait(patience)
        except subprocess.TimeoutExpired:
            self._delivery.kill()
            self._delivery.wait()

    def _datasets(self, stages: dict[str, str], lock: dict[str, Any]) -> None:
        """What went in: corpus, training shards and benchmark, each by its hash and its size."""
        if "ingest" in stages:
            totals = files.read_json(paths.INGEST / "ledger.json")["total"]["in"]
            self._tracker.dataset(
                "corpus", retrain.trained_on(lock), params.read()["corpus"]["root"], totals
            )
        if "tokenize" in stages:
            manifest = paths.TOKENS / "manifest.json"
            splits = files.read_json(manifest)["splits"].items()
            sizes = {
                f"{split}.{unit}": of[unit]
                for split, of in splits
                for unit in ("documents", "tokens")
            }
            self._tracker.dataset("tokens", files.sha256(manifest), str(paths.TOKENS), sizes)
        if "evaluate" in stages:
            results = files.read_json(paths.EVALUATE / "results.json")
            asked = {result["task"]: result["n"] for result in results["results"]}
            self._tracker.dataset("kobest", results["data_hash"], results["data"], asked)

    def _verdict(self) -> str | None:
        """A record that waits for MLflow lets `polyglot sync` say so later."""
        if registry.by_hand():
            return None
        try:
            return registry.settle(registry.name_of(self._profile))
        except Exception as error:  # tracking never stops the work
            kind = type(error).__name__
            return f"MLflow did not tell of the champion ({kind}): `polyglot sync` asks."

    def page(self) -> str | None:
        """Its address in MLflow's user interface; None without a server, or before it is there."""
        try:
            return delivery.page(self.name) if self._delivery else None
        except Exception:  # MLflow raises many kinds; all mean: no page
            return None


def _beside_the_work() -> None:
    """For a child just forked: it ends with its parent, and leaves the processors to the stages."""
    die_with_parent()
    os.nice(10)


def description(status: str, outcomes: Sequence[Outcome], failed: StageFailed | None) -> str:
    """A run in Markdown: how it ended, its KOBEST scores, and what its stages did."""
    if failed:
        parts = [f"**Stopped at {failed.stage}:** {failed}"]
    else:
        parts = [ENDS.get(status, "It ended by an unexpected error.")]
    if any(outcome.stage == "evaluate" for outcome in outcomes):
        scores = files.read_json(paths.EVALUATE / "metrics.json")
        parts += ["KOBEST, macro F1:", _markdown(kobest_rows(scores))]
    rows = [
        {"stage": o.stage, "state": o.state, "time": f"{o.seconds:.0f} s", "figure": o.headline}
        for o in outcomes
    ]
    return "\n\n".join([*parts, _markdown(rows)])


def kobest_rows(scores: dict[str, dict[str, float]]) -> list[dict[str, str]]:
    """Macro F1 as {task: {shots: F1}} for people, a row a task."""
    return [
        {"task": task, **{f"{shots}-shot": f"{f1:.4f}" for shots, f1 in row.items()}}
        for task, row in scores.items()
    ]


def _markdown(rows: list[dict[str, str]]) -> str:
    if not rows:
        return ""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _gates(states: dict[str, str], failed: StageFailed | None) -> str:
    """``passed 5``, or the name of the gate that stopped the run."""
    if failed and failed.stage.startswith("gate@"):
        return f"failed: {failed.stage.removeprefix('gate@')}"
    return f"passed {sum(stage.startswith('gate@') for stage in states)}"


def _headline_metrics(stages: set[str]) -> dict[str, float]:
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


def _lock() -> dict[str, Any]:
    if not LOCK.exists():
        return {"stages": {}}
    lock = OmegaConf.to_container(OmegaConf.load(LOCK))
    assert isinstance(lock, dict)
    return {str(key): value for key, value in lock.items()}


def _lock_tag() -> dict[str, str]:
    return {"dvc.lock": files.sha256(LOCK)} if LOCK.exists() else {}


def git_commit() -> str:
    """The commit of the working folder, with ``-dirty`` when files differ; empty without git."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip()
