"""KOBEST for any model, apart from the pipeline."""

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from runtime import files
from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.evaluate import EvaluateParams, Results, evaluate
from stages.evaluate.documents import HUB_ID, load
from stages.evaluate.prompts import PROMPTS


def kobest(
    model: str,
    shots: str,
    tasks: str,
    data: str,
    limit: int | None,
    batch_size: int,
    dtype: str,
    out: Path,
    samples: Path | None,
) -> None:
    """Evaluate, write the results to ``out``, and print the macro F1 scores.

    Raises:
        PolyglotError: a number of shots is none, or the evaluation's own errors.
    """
    try:
        counts = [int(count) for count in shots.split(",")]
    except ValueError:
        raise PolyglotError(f"--shots {shots}: give numbers with commas, such as 0,5.") from None
    params = EvaluateParams(
        data=data,
        tasks=tasks.split(","),
        shots=counts,
        limit=limit,
        batch_size=batch_size,
        dtype=dtype,
    )
    results = evaluate(model, params, out=out, samples=samples, progress=Progress(None))
    console = Console()
    console.print(scores(results))
    console.print(f"Results: {out}", soft_wrap=True)


def fetch(folder: Path) -> None:
    """Bring KOBEST from the hub into ``folder``, as <task>/{train,test}.jsonl, whole or not at all.

    Raises:
        PolyglotError: the hub cannot be reached, or its documents are not KOBEST's.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    for task in PROMPTS:
        for split, documents in asdict(load(HUB_ID, task)).items():
            lines = (json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
            files.write_text(partial / task / f"{split}.jsonl", "".join(lines))
    files.publish(partial, folder)


def scores(results: Results) -> Table:
    """Macro F1, a line a task and a column a number of shots."""
    metrics = results.metrics()
    counts = sorted({count for row in metrics.values() for count in row}, key=int)
    table = Table("task", *(f"{count}-shot" for count in counts), box=None, header_style="bold")
    for task, row in metrics.items():
        table.add_row(task, *(f"{row[count]:.4f}" if count in row else "" for count in counts))
    return table
