"""The verdict of one gate: ``python -m stages.gate.judgement model`` is what a cluster runs."""

import importlib
import sys

from runtime import params, stage
from runtime.errors import PolyglotError
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.gate import GateParams, result


def judge(gate: str, progress: Progress, tracker: Tracker) -> None:
    """Judge a gate, write the result, fail if it failed.

    Raises:
        PolyglotError: an expectation was not met.
    """
    thresholds = getattr(params.load("gates", GateParams), gate)
    content = importlib.import_module(f"stages.gate.{gate}")  # seconds: Great Expectations
    from stages.gate import suite

    found = suite.judge(gate, content.tables(thresholds, progress))
    result.write(found)
    tracker.artifact(result.path(gate), "gates")
    if found.sentence:
        raise PolyglotError(found.sentence)
    progress.headline(f"{len(found.expectations)} expectations met")


def main() -> None:
    name = f"gate@{sys.argv[1]}"
    judge(sys.argv[1], Progress(stage.progress_file(name)), Tracker.of_stage(name))


if __name__ == "__main__":
    sys.exit(stage.guard(main))
