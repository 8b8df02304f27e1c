"""KOBEST of the exported model, in the process that has the GPUs.

``python -m stages.evaluate.exported`` is what a job of a cluster runs.
"""

import shutil
import sys
from pathlib import Path

from runtime import files, params, paths, stage
from runtime.errors import PolyglotError
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.evaluate.evaluation import Results, evaluate
from stages.evaluate.params import EvaluateParams

NAME = "evaluate"


def run(progress: Progress, tracker: Tracker) -> None:
    """Evaluate ``data/model`` and publish ``data/evaluate``."""
    if not paths.MODEL.is_dir():  # its name could be one on the hub
        raise PolyglotError(f"{paths.MODEL} is missing: run the stage export first.")
    # Beside the output, which DVC removes before every run: finished parts outlive an interruption.
    partial = paths.EVALUATE.with_name(f"{paths.EVALUATE.name}.partial")
    shutil.rmtree(partial / "samples", ignore_errors=True)  # perhaps of other tasks
    results = evaluate(
        str(paths.MODEL),
        params.load(NAME, EvaluateParams),
        out=partial / "results.json",
        samples=partial / "samples",
        progress=progress,
    )
    record(results, partial, progress, tracker)
    files.publish(partial, paths.EVALUATE)


def record(results: Results, folder: Path, progress: Progress, tracker: Tracker) -> None:
    """Write the metrics that DVC compares, and tell the live view and the tracking server."""
    table = results.metrics()
    files.write_json(folder / "metrics.json", table)
    for task, row in table.items():
        for shots, f1 in row.items():
            tracker.metrics({f"macro_f1.{task}.{shots}_shot": f1})
    tracker.artifact(folder / "results.json")
    progress.headline(results.headline())


def main() -> None:
    run(Progress(stage.progress_file(NAME)), Tracker.of_stage(NAME))


if __name__ == "__main__":
    sys.exit(stage.guard(main))
