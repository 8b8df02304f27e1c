"""KOBEST scores of this run, and the published ones where the two can stand side by side."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runtime import paths
from stages.report import shots
from stages.report.reading import optional

PUBLISHED = Path(__file__).with_name("published_kobest.csv")  # the model card of Polyglot-Ko-1.3B
TITLES = {
    "copa": "COPA",
    "hellaswag": "HellaSwag",
    "boolq": "BoolQ",
    "sentineg": "SentiNeg",
    "wic": "WiC",
}
TEST_EXAMPLES = {"copa": 1000, "hellaswag": 500, "boolq": 1404, "sentineg": 397, "wic": 1260}
SMALLEST_PUBLISHED = 1_000_000_000  # parameters; below, a comparison says little
CHOICES = {"": "this run", "_norm": "this run, normalised"}


def facts(parameters: int | None) -> dict[str, Any] | None:
    """Scores of a model of ``parameters``, None before evaluate has run.

    Returns:
        ``scores``: a row per task and shots; ``above_chance``: tasks that are at any number of
        shots; ``tables``: per task the published F1 by model and shots, with this run's rows where
        they are comparable, and a ``plot`` of them; ``data``: ``sample``, ``other`` or ``real``;
        ``comparable``: whether data and prompts are those of the published tables; ``tiny``:
        whether the model is far smaller than every published one.
    """
    found = optional(paths.EVALUATE / "results.json")
    if not found:
        return None
    results = found["results"]
    data = data_kind(found["data"], results)
    alike = comparable(found)
    scores = [score(result) for result in results]
    return {
        "scores": scores,
        "above_chance": list(dict.fromkeys(s["title"] for s in scores if s["above_chance"])),
        "tables": [
            table(task, results, parameters, alike)
            for task in TITLES
            if any(result["task"] == task for result in results)
        ],
        "data": data,
        "comparable": alike,
        "tiny": parameters is not None and parameters < SMALLEST_PUBLISHED,
        "prompts": found["prompts"],
        "prompts_hash": found["prompts_hash"],
    }


def data_kind(data: str, results: list[dict[str, Any]]) -> str:
    """``sample``: made by this project; ``real``: KOBEST's whole test sets; else ``other``."""
    if Path(data).resolve().is_relative_to(paths.SAMPLE.resolve()):
        return "sample"
    whole = all(result["n"] == TEST_EXAMPLES[result["task"]] for result in results)
    return "real" if whole else "other"


def comparable(evaluated: dict[str, Any]) -> bool:
    """Whether data and prompts are those of the published tables."""
    whole = data_kind(evaluated["data"], evaluated["results"]) == "real"
    return whole and evaluated["prompts"] == "polyglot"


def score(result: dict[str, Any]) -> dict[str, Any]:
    """A result with its chance level (one of the answers), and whether it is surely above it."""
    chance = 1 / len(result["predictions"])
    return {
        **result,
        "title": TITLES[result["task"]],
        "chance": chance,
        "above_chance": result["accuracy_interval"][0] > chance,
    }


def table(
    task: str, results: list[dict[str, Any]], parameters: int | None, alike: bool
) -> dict[str, Any]:
    """Macro F1 by model and shots; the best of each column is marked, this run included.

    What cannot be compared stands apart: the rows are the published ones, the plot is this run's.
    """
    mine = _own([result for result in results if result["task"] == task], parameters)
    published = _published(task)
    rows = [*published, *(mine if alike else [])]
    columns = sorted({number for row in rows for number in row["f1"]})
    best = {
        number: max(row["f1"][number] for row in rows if number in row["f1"]) for number in columns
    }
    plotted = [*(published if alike else []), *mine]
    plot = shots.draw(f"{TITLES[task]}: macro F1 over shots", plotted)
    about = {"task": task, "title": TITLES[task], "shots": columns, "rows": rows, "best": best}
    return about | {"own": mine, "plot": plot, "legend": shots.legend(plotted)}


def _published(task: str) -> list[dict[str, Any]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["task"] == task]
    return [
        {
            "model": name,
            "params": next(line["params"] for line in lines if line["model"] == name),
            "f1": {
                int(line["shots"]): float(line["f1"]) for line in lines if line["model"] == name
            },
            "interval": {},
            "own": False,
        }
        for name in dict.fromkeys(line["model"] for line in lines)
    ]


def _own(results: Iterable[dict[str, Any]], parameters: int | None) -> list[dict[str, Any]]:
    """A row for this run, and one for its length-normalised choice where the task has it."""
    size = "?" if parameters is None else short(parameters)
    rows = []
    for suffix, name in CHOICES.items():
        key = f"macro_f1{suffix}"
        f1 = {result["shots"]: result[key] for result in results if key in result}
        ends = {result["shots"]: result[f"{key}_interval"] for result in results if key in result}
        if f1:
            rows.append({"model": name, "params": size, "f1": f1, "interval": ends, "own": True})
    return rows


def short(parameters: int) -> str:
    """A number of parameters as the tables write it: 3.4M, 1.3B."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if parameters >= size:
            return f"{parameters / size:.1f}{unit}"
    return str(parameters)
