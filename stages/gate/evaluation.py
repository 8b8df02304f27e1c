"""Gate evaluation: every KOBEST score is there, can be believed, and is not mere chance."""

from pathlib import Path
from typing import Any

import pandas as pd

from runtime import files, paths
from runtime.progress import Progress
from stages.gate.params import EvaluationGate
from stages.gate.suite import Check, Table, at_least, at_most, best_at_least, contains, equal

SCORES = ("macro_f1", "accuracy", "macro_f1_norm", "accuracy_norm")
AGAIN = "run evaluate again"


def tables(demands: EvaluationGate, progress: Progress) -> list[Table]:
    """The scores of evaluate, a row per task and number of shots."""
    results = files.read_json(paths.EVALUATE / "results.json")["results"]
    return [Table("scores", figures(results, demands), checks(demands))]


def figures(results: list[dict[str, Any]], demands: EvaluationGate) -> pd.DataFrame:
    """A row per task and number of shots.

    Returns:
        index and ``cell`` such as ``copa 5-shot``; ``n`` examples and those ``expected`` by the
        test file; ``lowest`` and ``highest`` score and how many are ``missing``;
        ``kinds_of_answers`` that occurred; ``margin`` of the accuracy above chance, which is one
        of the possible answers.
    """
    cells = [cell(result["task"], result["shots"]) for result in results]
    rows = [_row(result, demands) for result in results]
    table = pd.DataFrame(rows, index=cells)
    table.insert(0, "cell", cells)
    return table


def cell(task: str, shots: int) -> str:
    """The name of a task at a number of shots."""
    return f"{task} {shots}-shot"


def checks(demands: EvaluationGate) -> list[Check]:
    """On the columns of ``figures``."""
    wanted = [cell(task, shots) for task in demands.tasks for shots in demands.shots]
    found = [
        contains("cell", wanted, "the scores", AGAIN),
        at_least("n", 1, "the number of test examples", AGAIN),
        equal("n", "expected", "the number of test examples", "the lines of the test file", AGAIN),
        at_most("missing", 0, "the number of scores that are no finite number", AGAIN),
        at_least("lowest", 0, "a score", AGAIN),
        at_most("highest", 1, "a score", AGAIN),
        best_at_least(
            "kinds_of_answers",
            2,
            "the number of different answers given to the best-varied task",
            "look at data/evaluate/samples: the model says the same whatever it is asked",
        ),
    ]
    if demands.min_margin is not None:
        found.append(
            best_at_least(
                "margin",
                demands.min_margin,
                "the best task's accuracy above chance",
                "train longer, or set gates.evaluation.min_margin to null for a tiny model",
            )
        )
    return found


def _row(result: dict[str, Any], demands: EvaluationGate) -> dict[str, float | None]:
    scores = pd.Series([result[name] for name in SCORES if name in result], dtype=float)
    answered = pd.DataFrame(result["predictions"]).sum()  # per answer, how often it was given
    return {
        "n": result["n"],
        "expected": _test_lines(result["task"], demands),
        "lowest": scores.min(),
        "highest": scores.max(),
        "missing": scores.isna().sum(),
        "kinds_of_answers": (answered > 0).sum(),
        "margin": round(result["accuracy"] - 1 / len(result["predictions"]), 6),
    }


def _test_lines(task: str, demands: EvaluationGate) -> int:
    """Examples that the test file holds, up to the limit; 0 if there is no such file."""
    path = Path(demands.data) / task / "test.jsonl"
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        lines = sum(1 for line in file if line.strip())
    return lines if demands.limit is None else min(lines, demands.limit)
