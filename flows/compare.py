"""Two or more runs side by side: scores with their intervals, figures, and what differs."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from runtime import delivery, files, paths
from runtime.errors import PolyglotError
from stages.report import summary
from stages.report.summary import Summary

SUMMARY = paths.SUMMARY.name  # of a run's artifacts


def compare(names: list[str], as_json: bool) -> None:
    """Print the comparison.

    Raises:
        PolyglotError: fewer than two runs, or one that is not to be found.
    """
    if len(names) < 2:
        raise PolyglotError("Name two runs or more: files run.json, or runs by name or id.")
    runs = {name: find(name) for name in names}
    compared = {
        "scores": scores(runs),
        "training": differing(runs, "training"),
        "params": differing(runs, "params"),
        "versions": differing(runs, "versions"),
        "about": {
            key: [run.get(key) for run in runs.values()]
            for key in ("run", "profile", "commit", "machine")
        },
    }
    if as_json:
        print(json.dumps({"runs": names, **compared}, ensure_ascii=False, indent=1))
        return
    console = Console()
    for title, rows in compared.items():
        if rows:
            table = Table(title, *names, box=None, header_style="bold")
            for key, values in rows.items():
                table.add_row(key, *map(_cell, values))
            console.print(table)
            console.print()


def find(name: str) -> Summary:
    """The summary of a run: a file, a folder with reports/run.json, or a run's name or id.

    A name is looked up among the runs of this workspace, and then in MLflow.

    Raises:
        PolyglotError: there is no such run, or it has no summary.
    """
    path = Path(name)
    for candidate in (path, path / paths.SUMMARY, summary.RUNS / f"{name}.json"):
        if candidate.is_file():
            return files.read_json(candidate)
    return _from_mlflow(name)


def _from_mlflow(name: str) -> Summary:
    delivery.short_silence()
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    uri = delivery.tracking_uri()
    client = MlflowClient(uri)
    quoted = name.replace("'", "")
    try:
        experiment = client.get_experiment_by_name(delivery.EXPERIMENT)
        where = [experiment.experiment_id] if experiment else []
        found = client.search_runs(where, f"attributes.run_name = '{quoted}'")
        run = found[0].info.run_id if found else client.get_run(name).info.run_id
        target = paths.STATE / "compared" / run
        target.mkdir(parents=True, exist_ok=True)
        path = client.download_artifacts(run, SUMMARY, str(target))
    except (MlflowException, OSError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
        raise PolyglotError(
            f"There is no run {name} with a {SUMMARY}, neither in {summary.RUNS} nor in MLflow at "
            f"{uri}: {reason}."
        ) from None
    return files.read_json(Path(path))


def scores(runs: dict[str, Summary]) -> dict[str, list[str]]:
    """Macro F1 with its interval, a row a task and number of shots; nothing where it is missing."""
    found = [summary.scores(run) for run in runs.values()]
    names = dict.fromkeys(name for scored in found for name in scored)
    return {
        name: [
            "{:.4f} [{:.3f}, {:.3f}]".format(scored[name][0], *scored[name][1])
            if name in scored
            else ""
            for scored in found
        ]
        for name in names
    }


def differing(runs: dict[str, Summary], key: str) -> dict[str, list[Any]]:
    """The values of a flat section that are not the same in all runs."""
    found = [run[key] for run in runs.values()]
    names = sorted({name for values in found for name in values})
    rows = {name: [values.get(name) for values in found] for name in names}
    return {name: row for name, row in rows.items() if any(value != row[0] for value in row)}


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
