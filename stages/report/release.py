"""The folder to give away: the exported model with its card and its scores."""

import shutil
from pathlib import Path

from runtime import files
from runtime.errors import PolyglotError
from runtime.registry import RESULTS
from stages.report import card


def release(model: Path, target: Path) -> None:
    """Publish ``target``: the files of ``model``, README.md, and the results of evaluate.

    Weights are linked, not copied, where the disk can.

    Raises:
        PolyglotError: the model or another stage's file is missing.
    """
    if not model.is_dir():
        raise PolyglotError(f"{model} is missing: run the stage export first.")
    run = card.read()
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for path in sorted(model.iterdir()):
        files.link(path, partial / path.name)
    files.write_text(partial / "README.md", card.text(run))
    files.write_json(partial / RESULTS, run.results)
    files.publish(partial, target)
