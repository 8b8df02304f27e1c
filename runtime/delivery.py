"""Carry the spooled records to MLflow, in order, each once.

Safe to kill and to repeat: how far a record was delivered stands in ``delivered.json`` beside its
events, a run is found again by its tag, and a metric sent twice carries the same time and step,
which MLflow stores once. ``python -m runtime.delivery`` follows the spool until its standard input
ends, and leaves what it could not send for ``polyglot sync``.
"""

import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from runtime import files, paths
from runtime.tracking import MODEL, PIPELINE

EXPERIMENT = "polyglot-ko"
NOTE = "mlflow.note.content"  # the tag that MLflow shows as a description, in Markdown
ABOUT = """A run of the pipeline a row, its stages below it.

Each run's overview has its KOBEST scores and what its stages did; `index.html` among its artifacts
is its report. Columns to choose first: the metrics `kobest.*`, `validation_loss`; the tags
`profile`, `gates`, `git.commit`. Models are in the registry as `polyglot-ko-<profile>`."""
KEY = "polyglot.record"  # the tag that finds a run again
CHALLENGER = "challenger"  # alias of the version that was registered last
SQLITE = "sqlite:///"
BATCH = 1000  # metrics a request, MLflow's own limit
PARAMS_BATCH = 100  # params a request, MLflow's own limit
DIGEST_LENGTH = 36  # characters, MLflow's own limit
CARD_LENGTH = 5000  # characters, the limit of a model's description on Postgres
TAG_LENGTH = 8000  # characters, MLflow's own limit
PARAM_LENGTH = 6000  # characters, MLflow's own limit
INTERVAL = 5.0  # seconds between two deliveries while following


def tracking_uri() -> str:
    """Where records go: ``MLFLOW_TRACKING_URI``, or a database of the project's own."""
    default = f"{SQLITE}{(paths.MLFLOW / 'mlflow.db').resolve()}"
    return os.environ.get("MLFLOW_TRACKING_URI") or default


def shown_uri() -> str:
    """Where records go, for people: without a password that the address may hold."""
    return re.sub("//[^/]*@", "//", tracking_uri())


def page(record: str) -> str | None:
    """Where a server shows the pipeline's record of that name; None if it is not there.

    Raises:
        mlflow.exceptions.MlflowException: the server does not answer.
    """
    if not tracking_uri().startswith("http"):
        return None
    short_silence()
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri())
    experiment = client.get_experiment_by_name(EXPERIMENT)
    of_it = f"tags.`{KEY}` = '{record}/{PIPELINE}'"
    runs = client.search_runs([experiment.experiment_id], of_it) if experiment else []
    if not runs:
        return None
    where = f"experiments/{runs[0].info.experiment_id}/runs/{runs[0].info.run_id}"
    return f"{shown_uri().rstrip('/')}/#/{where}"


def nothing_recorded() -> bool:
    """Whether records go to a database of this machine that is not there yet.

    To ask it would make it, which takes seconds.
    """
    uri = tracking_uri()
    return uri.startswith(SQLITE) and not Path(uri.removeprefix(SQLITE)).exists()


def short_silence() -> None:
    """Let a server that does not answer be given up soon, and one that does be asked for less.

    To be called before mlflow is imported.
    """
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # a request a run


def waiting(spool: Path = paths.SPOOL) -> list[Path]:
    """The records that are not delivered whole, the pipeline's own before its stages'."""
    return sorted(path.parent for path in spool.glob("*/*/events.jsonl"))


def deliver(spool: Path = paths.SPOOL) -> int:
    """Send everything that waits; returns the number of records delivered to their end.

    Raises:
        mlflow.exceptions.MlflowException, OSError: the server did not take it; try again later.
    """
    if not waiting(spool):
        return 0
    with FileLock(spool / "lock", timeout=30):
        client = _Client(tracking_uri())
        done = [folder for folder in waiting(spool) if client.send(folder)]
        for folder in sorted(done, key=lambda folder: folder.name == PIPELINE):  # its stages first
            if folder.name != PIPELINE or len(list(folder.parent.iterdir())) == 1:
                shutil.rmtree(folder)
        for run in spool.iterdir():
            if run.is_dir() and not any(run.iterdir()):
                run.rmdir()
        return len(done)


class _Client:
    """MLflow's client, with a server's silence kept short."""

    def __init__(self, uri: str) -> None:
        short_silence()
        from mlflow import MlflowClient

        self._local = uri.startswith(SQLITE)
        if self._local:
            Path(uri.removeprefix(SQLITE)).parent.mkdir(parents=True, exist_ok=True)
        self._client = MlflowClient(uri)
        self._experiment = self._experiment_id()

    def send(self, folder: Path) -> bool:
        """Send what is new in one record; True when the record has ended."""
        state_file = folder / "delivered.json"
        state = files.read_json(state_file) if state_file.exists() else {}
        run, offset, ended = state.get("run"), state.get("offset", 0), state.get("ended", False)
        with (folder / "events.jsonl").open("rb") as events:
            events.seek(offset)
            for group in _grouped(events):
                run = run or self._run_of(folder, group[0])
                ended = self._send_group(folder, run, group) or ended
                state = {"run": run, "offset": events.tell(), "ended": ended}
                files.write_json(state_file, state)
        return ended

    def _send_group(self, folder: Path, run: str, group: list[dict[str, Any]]) -> bool:
        from mlflow.entities import Metric, Param, RunTag

        metrics = [
            Metric(key, float(value), event["time"], event["step"])
            for event in group
            for key, value in event.get("metrics", {}).items()
        ]
        for start in range(0, len(metrics), BATCH):
            self._client.log_batch(run, metrics=metrics[start : start + BATCH])
        ended = False
        for event in group:
            params = [Param(k, v[:PARAM_LENGTH]) for k, v in event.get("params", {}).items()]
            for start in range(0, len(params), PARAMS_BATCH):
                self._client.log_batch(run, params=params[start : start + PARAMS_BATCH])
            if tags := event.get("tags"):
                self._client.log_batch(
                    run, tags=[RunTag(k, v[:TAG_LENGTH]) for k, v in tags.items()]
                )
            if name := event.get("artifact"):
                self._send_artifact(run, folder / "artifacts" / name, Path(name).parent)
            if dataset := event.get("dataset"):
                self._client.log_inputs(run, [_input(**dataset)])
            if model := event.get("model"):
                self._register(run, folder / "artifacts" / MODEL, model["name"], model["tags"])
            if end := event.get("end"):
                self._client.set_terminated(run, end["status"], event["time"])
                ended = True
        return ended

    def _send_artifact(self, run: str, path: Path, folder: Path) -> None:
        target = "" if folder == Path(".") else str(folder)
        if path.is_dir():
            self._client.log_artifacts(run, str(path), str(folder / path.name))
        elif path.exists():
            self._client.log_artifact(run, str(path), target or None)

    def _register(self, run: str, path: Path, name: str, tags: dict[str, str]) -> None:
        """Make the folder a version of the model, and that its challenger; once for each run."""
        from mlflow.exceptions import MlflowException

        try:
            self._client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        known = self._client.search_model_versions(f"name = '{name}' and run_id = '{run}'")
        if known:
            version = known[0]
        else:
            self._client.log_artifacts(run, str(path), path.name)
            source = f"{self._client.get_run(run).info.artifact_uri}/{path.name}"
            card = (path / "README.md").read_text(encoding="utf-8")[:CARD_LENGTH]
            version = self._client.create_model_version(name, source, run, tags, description=card)
        self._client.set_registered_model_alias(name, CHALLENGER, version.version)

    def _run_of(self, folder: Path, first: dict[str, Any]) -> str:
        """The MLflow run of a record, made at its first event."""
        key = f"{folder.parent.name}/{folder.name}"
        found = self._client.search_runs([self._experiment], f"tags.`{KEY}` = '{key}'")
        if found:
            return found[0].info.run_id
        start = first.get("start", {"name": folder.name, "tags": {}})
        tags = {KEY: key, **start["tags"]}
        parent = folder.parent / PIPELINE / "delivered.json"
        if folder.name != PIPELINE and parent.exists():
            tags["mlflow.parentRunId"] = files.read_json(parent)["run"]
        run = self._client.create_run(self._experiment, first["time"], tags, start["name"])
        return run.info.run_id

    def _experiment_id(self) -> str:
        found = self._client.get_experiment_by_name(EXPERIMENT)
        if found:
            return found.experiment_id
        store = (paths.MLFLOW / "artifacts").resolve().as_uri() if self._local else None
        return self._client.create_experiment(EXPERIMENT, store, {NOTE: ABOUT})


def _input(name: str, digest: str, source: str, sizes: dict[str, int]) -> Any:
    """A dataset in MLflow's words (``mlflow.data``), its sizes the profile."""
    from mlflow.data.dataset_source_registry import resolve_dataset_source
    from mlflow.entities import Dataset, DatasetInput, InputTag
    from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

    place = resolve_dataset_source(source)
    known = (name, digest[:DIGEST_LENGTH], place._get_source_type(), place.to_json())
    use = "evaluation" if name == "kobest" else "training"
    entity = Dataset(*known, profile=json.dumps(sizes))
    return DatasetInput(entity, [InputTag(MLFLOW_DATASET_CONTEXT, use)])


def _grouped(events: Any) -> Iterator[list[dict[str, Any]]]:
    """Whole lines in groups of a few hundred; a line still being written waits for next time."""
    while True:
        group = []
        for _ in range(200):
            position = events.tell()
            line = events.readline()
            if not line.endswith(b"\n"):
                events.seek(position)
                break
            group.append(json.loads(line))
        if not group:
            return
        yield group


def follow() -> None:
    """Deliver again and again until standard input ends, then once more."""
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    while True:
        last = ended.wait(INTERVAL)
        try:
            deliver()
        except (Exception, Timeout) as error:  # the spool keeps it all; the next round tries again
            print(f"MLflow did not take the records: {error}", file=sys.stderr, flush=True)
        if last:
            return


if __name__ == "__main__":
    from runtime.ownership import die_with_parent

    die_with_parent()
    follow()
