"""The scores of a model card: a table for each task, and what the hub makes of them."""

from collections.abc import Iterable
from typing import Any

from stages.report import kobest


def index(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The scores in the form of the hub's ``model-index``."""
    return [
        {
            "task": {"type": "text-generation"},
            "dataset": {
                "type": "skt/kobest_v1",
                "name": f"KOBEST {kobest.TITLES[result['task']]}",
                "config": result["task"],
                "split": "test",
            },
            "metrics": [
                {
                    "type": "f1",
                    "name": f"macro F1, {result['shots']}-shot",
                    "value": round(result["macro_f1"], 4),
                }
            ],
        }
        for result in results
    ]


def section(evaluated: dict[str, Any], parameters: int) -> str:
    """The results of evaluate for a model of ``parameters``, task by task."""
    results, comparable = evaluated["results"], kobest.comparable(evaluated)
    tables = [
        kobest.table(task, results, parameters, comparable)
        for task in kobest.TITLES
        if any(result["task"] == task for result in results)
    ]
    sections = [f"### {of['title']} (F1)\n\n{_scores(of, comparable)}" for of in tables]
    cut = sum(result["truncated"] for result in results)
    asked = sum(result["n"] for result in results)
    constant = [
        f"{kobest.TITLES[result['task']]} at {result['shots']} shots"
        for result in results
        if result["constant"]
    ]
    parts = ["## Evaluation results", _about(evaluated), *sections]
    if cut:
        parts.append(
            f"{cut:,} of {asked:,} prompts were longer than the model's context and lost their "
            "beginning."
        )
    if constant:
        parts.append(
            f"Every answer was the same in {', '.join(constant)}: these scores say nothing."
        )
    return "\n\n".join(parts)


def _about(evaluated: dict[str, Any]) -> str:
    """What the scores are, and whether they can stand beside the published ones."""
    prompts = (
        "the prompts of the published Polyglot-Ko tables"
        if evaluated["prompts"] == "polyglot"
        else "the prompts that lm-eval ships, which are not those of the published tables"
    )
    head = (
        f"Macro F1 with {prompts} (`{evaluated['prompts_hash'][:12]}`), and its 95% interval in "
        "brackets, on "
    )
    benchmark = "[KOBEST](https://arxiv.org/abs/2204.04541)"
    if kobest.comparable(evaluated):
        others = "The other rows are the scores that the card of Polyglot-Ko-1.3B reports."
        return f"{head}{benchmark}. {others}"
    if kobest.data_kind(evaluated["data"], evaluated["results"]) == "sample":
        return (
            f"{head}a small made-up set in the form of {benchmark}. **These are not KOBEST "
            "scores**: they show that the pipeline works and nothing else."
        )
    return (
        f"{head}{benchmark}. **They are not comparable with published scores**: data or prompts "
        "differ."
    )


def _scores(of: dict[str, Any], comparable: bool) -> str:
    rows = of["rows"] if comparable else of["own"]
    columns = sorted({shots for row in rows for shots in row["f1"]})
    lines = []
    for row in rows:
        cells = [_model(row), row["params"], *(_cell(row, shots) for shots in columns)]
        lines.append(tuple(f"**{cell}**" if row["own"] and cell else cell for cell in cells))
    return table(("Model", "params", *(f"{shots}-shot" for shots in columns)), lines)


def _model(row: dict[str, Any]) -> str:
    if row["own"]:
        return str(row["model"].replace("this run", "this model"))
    return f"[{row['model']}](https://huggingface.co/{row['model']})"


def _cell(row: dict[str, Any], shots: int) -> str:
    if shots not in row["f1"]:
        return ""
    if shots not in row["interval"]:
        return f"{row['f1'][shots]:.4f}"
    low, high = row["interval"][shots]
    return f"{row['f1'][shots]:.4f} [{low:.3f}, {high:.3f}]"


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
