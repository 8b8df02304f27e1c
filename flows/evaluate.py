"""KOBEST for any model, apart from the pipeline."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.evaluate import EvaluateParams, Results, evaluate


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


def scores(results: Results) -> Table:
    """Macro F1, a line a task and a column a number of shots."""
    metrics = results.metrics()
    counts = sorted({count for row in metrics.values() for count in row}, key=int)
    table = Table("task", *(f"{count}-shot" for count in counts), box=None, header_style="bold")
    for task, row in metrics.items():
        table.add_row(task, *(f"{row[count]:.4f}" if count in row else "" for count in counts))
    return table
