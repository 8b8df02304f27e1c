"""Metrics, params and artifacts of a stage, written to a local spool.

Tracking never stops the work: a stage only appends lines to a file. ``runtime.delivery`` carries
the lines to MLflow, at once while a pipeline runs, or later with ``polyglot sync``.

A spool folder is ``<spool>/<run>/<name>/``, with ``events.jsonl`` (one event a line, each with its
own time in Unix milliseconds) and ``artifacts/`` (copies, so that a later run cannot change them).
"""

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from runtime import files, paths

RUN = "POLYGLOT_RUN"  # environment: the pipeline run that a stage belongs to
MODEL = "release"  # of a run's artifacts: the folder that is registered
PIPELINE = "_pipeline"  # the spool folder of the pipeline run itself; its stages are nested below


def now() -> int:
    """Unix time in milliseconds, as MLflow counts it."""
    return time.time_ns() // 1_000_000


def flatten(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """``{"a": {"b": 1}}`` becomes ``{"a.b": 1}``."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def close_abandoned(spool: Path = paths.SPOOL) -> None:
    """End the records whose processes died without a word: they would wait for ever."""
    for events in spool.glob("*/*/events.jsonl"):
        if '"end": {' not in events.read_text(encoding="utf-8"):
            Tracker(events.parent).end("KILLED")


class Tracker:
    """Appends to one spool folder; without a folder every call does nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def of_stage(cls, stage: str) -> "Tracker":
        """The tracker of a stage: nested in the pipeline's run, or a run of its own."""
        own = f"{stage}-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        run = os.environ.setdefault(RUN, own)  # the stage's own processes write to the same record
        return cls(paths.SPOOL / run / stage)

    def start(self, name: str, tags: dict[str, str] | None = None) -> None:
        """Begin the record under the name a reviewer will read."""
        self._append({"start": {"name": name, "tags": tags or {}}})

    def end(self, status: str) -> None:
        """Close the record: ``FINISHED``, ``FAILED`` or ``KILLED``."""
        self._append({"end": {"status": status}})

    def params(self, values: dict[str, Any]) -> None:
        """Nested values are flattened with dots."""
        self._append({"params": {key: str(value) for key, value in flatten(values).items()}})

    def metrics(self, values: dict[str, float], step: int | None = None) -> None:
        """Figures of one moment; ``step`` is the training step, if there is one."""
        self._append({"metrics": values, "step": step or 0})

    def tags(self, values: dict[str, str]) -> None:
        """Labels a reviewer filters by."""
        self._append({"tags": values})

    def artifact(self, path: Path, folder: str = "") -> None:
        """Keep a copy of a file, or of a folder with all in it, below ``folder`` of the record."""
        if self._folder is None or not path.exists():
            return
        target = self._folder / "artifacts" / folder / path.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, target, dirs_exist_ok=True)
            else:
                shutil.copyfile(path, target)
        except OSError:
            return  # a full disk must not stop the stage for the sake of a record
        self._append({"artifact": str(Path(folder) / path.name)})

    def dataset(self, name: str, digest: str, source: str, sizes: dict[str, int]) -> None:
        """What went in: ``digest`` tells it from others of its name, ``source`` is its place."""
        about = {"name": name, "digest": digest, "source": source, "sizes": sizes}
        self._append({"dataset": about})

    def model(self, folder: Path, name: str, tags: dict[str, str]) -> None:
        """Register a released folder as the next version of the model ``name``.

        Its files are linked where the disk can: weights are large, and never written in place.
        """
        if self._folder is None:
            return
        target = self._folder / "artifacts" / MODEL
        try:
            shutil.copytree(folder, target, copy_function=files.link, dirs_exist_ok=True)
        except OSError:
            return  # as for an artifact
        self._append({"model": {"name": name, "tags": tags}})

    def ledger(self, path: Path) -> None:
        """Keep a data stage's ledger, and its totals as metrics."""
        self.artifact(path, "ledgers")
        total = files.read_json(path)["total"]
        for flow in ("in", "out"):
            counts = total[flow].items()
            self.metrics({f"{unit}_{flow}": float(count) for unit, count in counts})

    def _append(self, event: dict[str, Any]) -> None:
        if self._folder is None:
            return
        line = json.dumps({"time": now(), **event}, ensure_ascii=False) + "\n"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "events.jsonl").open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError:
            return
