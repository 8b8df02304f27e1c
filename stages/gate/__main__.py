"""Run one gate: ``python -m stages.gate documents``."""

import importlib
import sys

from runtime import params, stage
from runtime.errors import PolyglotError
from stages.gate import GATES, GateParams, result


def main(stage_: stage.Stage) -> None:
    """Judge the gate that the stage is named after, write the result, fail if it failed."""
    gate = stage_.name.removeprefix("gate@")
    thresholds = getattr(params.load("gates", GateParams), gate)
    content = importlib.import_module(f"stages.gate.{gate}")  # seconds: Great Expectations
    from stages.gate.suite import judge

    found = judge(gate, content.tables(thresholds, stage_.progress))
    result.write(found)
    stage_.tracker.artifact(result.path(gate), "gates")
    if found.sentence:
        raise PolyglotError(found.sentence)
    stage_.progress.headline(f"{len(found.expectations)} expectations met")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in GATES:
        sys.exit(f"Say which gate: python -m stages.gate {{{','.join(GATES)}}}")
    stage.run(f"gate@{sys.argv[1]}", main, section=f"gates.{sys.argv[1]}")
