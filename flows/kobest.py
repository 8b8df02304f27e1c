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
    prompts: str,
    batch_tokens: int | None,
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
        prompts=prompts,
        batch_tokens=batch_tokens,
        dtype=dtype,
    )
    results = evaluate(model, params, out=out, samples=samples, progress=Progress(None))
    console = Console()
    console.print(scores(results))
    for remark in remarks(results):
        console.print(remark)
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
    """Macro F1 with the half of its 95% interval: a line a task, a column a number of shots."""
    counts = list(dict.fromkeys(record["shots"] for record in results.results))
    table = Table("macro F1", *(f"{count}-shot" for count in counts), box=None, header_style="bold")
    for task, row in results.metrics().items():
        name, _, normalised = task.partition("_")
        key = f"macro_f1{'_' if normalised else ''}{normalised}_interval"
        width = {r["shots"]: r[key][1] - r[key][0] for r in results.results if r["task"] == name}
        cells = (f"{row[str(count)]:.4f} ± {width[count] / 2:.3f}" for count in counts)
        table.add_row(task, *cells)
    return table


def remarks(results: Results) -> list[str]:
    """What a reader of the scores must know: prompts used, prompts cut, answers that never vary."""
    found = [f"Prompts: {results.prompts} {results.prompts_hash[:12]}"]
    for record in results.results:
        where = f"{record['task']} {record['shots']}-shot"
        if record["truncated"]:
            found.append(
                f"{where}: {record['truncated']:,} of {record['n']:,} prompts did not fit into the "
                "model's window and were cut from the left."
            )
        if record["constant"]:
            found.append(f"{where}: every answer is the same; this score says nothing.")
    return found
