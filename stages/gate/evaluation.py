"""Gate evaluation: every KOBEST score is there, can be believed, and is not mere chance."""

from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import pandas as pd

from runtime import files, paths
from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.gate import champion, contamination, shards
from stages.gate.contamination import TestTexts
from stages.gate.params import EvaluationGate
from stages.gate.suite import (
    Check,
    Table,
    at_least,
    at_most,
    best_at_least,
    contains,
    equal,
    sum_at_most,
)

SCORES = ("macro_f1", "accuracy", "macro_f1_norm", "accuracy_norm")
AGAIN = "run evaluate again"


def tables(demands: EvaluationGate, progress: Progress) -> list[Table]:
    """The scores of evaluate, what they are beside the champion's, and what training has seen."""
    evaluated = files.read_json(paths.EVALUATE / "results.json")
    results = evaluated["results"]
    found = [Table("scores", figures(results, demands), checks(demands))]
    best = champion.results(demands.champion) if demands.champion else None
    if best:
        found.append(
            Table("champion", beside(evaluated, best), champion_checks(demands, evaluated, best))
        )
    wanted = TestTexts(demands.data, demands.tasks)
    held = shards.scan(
        paths.MASK / "documents", partial(contamination.measure, wanted=wanted), progress
    )
    found.append(Table("contamination", contaminated(held), [contamination_check(demands)]))
    return found


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
    if demands.max_constant is not None:
        found.append(
            sum_at_most(
                "constant",
                demands.max_constant,
                "the number of scores with one answer to everything",
                "look at data/evaluate/samples, or raise gates.evaluation.max_constant",
            )
        )
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


def beside(evaluated: dict[str, Any], best: dict[str, Any]) -> pd.DataFrame:
    """One row: macro F1 in the mean ``below`` the champion's, over the ``shared`` scores."""
    ours, theirs = f1_by_cell(evaluated["results"]), f1_by_cell(best["results"])
    shared = [name for name in ours if name in theirs]
    apart = [theirs[name] - ours[name] for name in shared]
    below = round(fmean(apart), 6) if shared else 0.0
    return pd.DataFrame({"below": [below], "shared": [len(shared)]}, index=["champion"])


def f1_by_cell(results: list[dict[str, Any]]) -> dict[str, float]:
    """Macro F1 by task and shots; by length where a task is scored so, as published."""
    return {
        cell(result["task"], result["shots"]): result.get("macro_f1_norm", result["macro_f1"])
        for result in results
    }


def champion_checks(
    demands: EvaluationGate, evaluated: dict[str, Any], best: dict[str, Any]
) -> list[Check]:
    """On the columns of ``beside``.

    Raises:
        PolyglotError: the two were asked different things, and cannot be compared.
    """
    for key in ("prompts_hash", "data_hash", "limit"):
        if evaluated[key] != best[key]:
            raise PolyglotError(
                f"The champion {demands.champion} was evaluated otherwise ({key} differs): "
                "evaluate it again in the same way, or set gates.evaluation.champion=null."
            )
    return [
        at_least("shared", 1, "the number of scores that the champion has as well", AGAIN),
        at_most(
            "below",
            demands.max_below_champion,
            f"the mean macro F1 below that of {demands.champion}",
            "keep the champion, or raise gates.evaluation.max_below_champion",
        ),
    ]


def contaminated(held: dict[str, list[str]]) -> pd.DataFrame:
    """A row per shard: the number of ``documents`` that hold a whole test text."""
    return pd.DataFrame({"documents": [len(ids) for ids in held.values()]}, index=list(held))


def contamination_check(demands: EvaluationGate) -> Check:
    """On the column of ``contaminated``."""
    return sum_at_most(
        "documents",
        demands.max_contaminated,
        "the number of training documents that hold a whole test text",
        "set dedup.decontamination to evaluate's data and tasks, and run dedup again",
    )


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
        "constant": int((answered > 0).sum() == 1),
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
