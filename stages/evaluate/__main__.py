"""The stage: KOBEST of the exported model, on a node of the cluster if there is one."""

from runtime import launch, stage
from stages.evaluate import exported


def main(stage_: stage.Stage) -> None:
    if not launch.on_a_node(stage_.name, "stages.evaluate.exported"):
        exported.run(stage_.progress, stage_.tracker)


if __name__ == "__main__":
    stage.run(exported.NAME, main)
