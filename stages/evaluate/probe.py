"""A glimpse of a model in training: ``python -m stages.evaluate.probe MODEL OUT LIMIT TASK…``.

Macro F1 of the tasks at 0 shots over their first LIMIT test documents (0: all), with the section
evaluate of params.yaml for everything else; OUT gets ``{task: F1}``.
"""

import sys
from dataclasses import replace
from pathlib import Path

from runtime import files, params, stage
from runtime.progress import Progress
from stages.evaluate import EvaluateParams, evaluate


def main() -> None:
    model, out, limit, *tasks = sys.argv[1:]
    what = params.load("evaluate", EvaluateParams)
    what = replace(what, tasks=tasks, shots=[0], limit=int(limit) or None)
    results = evaluate(model, what, Path(f"{out}.results"), None, Progress(None))
    files.write_json(Path(out), {name: row["0"] for name, row in results.metrics().items()})


if __name__ == "__main__":
    sys.exit(stage.guard(main))
