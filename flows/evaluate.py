"""The Prefect flow ``evaluate``: KOBEST of any model, apart from the pipeline."""

import os
from pathlib import Path

from prefect import flow, get_run_logger

from flows.artifacts import publish_kobest
from flows.kobest import remarks
from flows.polyglot import ROOT
from runtime.ownership import end_with_worker
from runtime.progress import Progress
from stages.evaluate import EvaluateParams
from stages.evaluate import evaluate as run_kobest
from stages.evaluate.prompts import PROMPTS


@flow(name="evaluate", flow_run_name="{model}", log_prints=True)
def evaluate(
    model: str,
    shots: list[int] | None = None,
    tasks: list[str] | None = None,
    data: str = "data/kobest",
    limit: int | None = None,
    prompts: str = "polyglot",
    dtype: str = "float32",
    out: str = "reports/kobest.json",
) -> None:
    """Evaluate a model on KOBEST.

    Args:
        model: A folder, a hub id (with @revision), or models:/name@alias.
        shots: Numbers of examples before the question; none: 0, 5, 10 and 50.
        tasks: Of copa, hellaswag, boolq, sentineg, wic; none: all.
        data: A folder of KOBEST, or its hub id.
        limit: Documents a task; none: all.
        prompts: polyglot, of the published tables, or stock, lm-eval's own.
        dtype: What the model computes in: float32, bfloat16 or float16.
        out: The results, as JSON; the folder of the project is where it begins.
    """
    os.chdir(ROOT)
    end_with_worker()
    what = EvaluateParams(
        data=data,
        tasks=tasks or list(PROMPTS),
        shots=shots or [0, 5, 10, 50],
        limit=limit,
        prompts=prompts,
        batch_tokens=None,
        dtype=dtype,
    )
    results = run_kobest(model, what, Path(out), None, Progress(None))
    logger = get_run_logger()
    for remark in remarks(results):
        logger.info(remark)
    publish_kobest(results.metrics(), f"{model}, prompts {results.prompts}")
