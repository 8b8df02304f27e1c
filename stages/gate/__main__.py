"""Run one gate: ``python -m stages.gate documents``."""

import sys

from runtime import launch, stage
from stages.gate import GATES
from stages.gate.judgement import judge

HEAVY = {"model"}  # loads the model: it is judged on a node of the cluster, if there is one


def main(stage_: stage.Stage) -> None:
    """Judge the gate that the stage is named after."""
    gate = stage_.name.removeprefix("gate@")
    if gate in HEAVY and launch.on_a_node(stage_.name, "stages.gate.judgement", gate):
        return
    judge(gate, stage_.progress, stage_.tracker)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in GATES:
        sys.exit(f"Say which gate: python -m stages.gate {{{','.join(GATES)}}}")
    stage.run(f"gate@{sys.argv[1]}", main, section=f"gates.{sys.argv[1]}")
