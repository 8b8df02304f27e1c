"""The stage: KOBEST of the exported model."""

import shutil
from pathlib import Path

from runtime import files, params, paths, stage
from runtime.errors import PolyglotError
from stages.evaluate import EvaluateParams, Results, evaluate


def main(stage_: stage.Stage) -> None:
    """Evaluate ``data/model`` and publish ``data/evaluate``."""
    if not paths.MODEL.is_dir():  # its name could be one on the hub
        raise PolyglotError(f"{paths.MODEL} is missing: run the stage export first.")
    # Beside the output, which DVC removes before every run: finished parts outlive an interruption.
    partial = paths.EVALUATE.with_name(f"{paths.EVALUATE.name}.partial")
    shutil.rmtree(partial / "samples", ignore_errors=True)  # perhaps of other tasks
    results = evaluate(
        str(paths.MODEL),
        params.load("evaluate", EvaluateParams),
        out=partial / "results.json",
        samples=partial / "samples",
        progress=stage_.progress,
    )
    record(results, partial, stage_)
    files.publish(partial, paths.EVALUATE)


def record(results: Results, folder: Path, stage_: stage.Stage) -> None:
    """Write the metrics that DVC compares, and tell the live view and the tracking server."""
    table = results.metrics()
    files.write_json(folder / "metrics.json", table)
    for task, row in table.items():
        for shots, f1 in row.items():
            stage_.tracker.metrics({f"macro_f1.{task}.{shots}_shot": f1})
    stage_.tracker.artifact(folder / "results.json")
    stage_.progress.headline(results.headline())


if __name__ == "__main__":
    stage.run("evaluate", main)
