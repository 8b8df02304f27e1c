"""The stage: KOBEST of the exported model, on a node of the cluster if there is one."""

from runtime import launch, stage
from stages.evaluate import whole


def main(stage_: stage.Stage) -> None:
    if not launch.on_a_node(stage_.name, "stages.evaluate.whole"):
        whole.run(stage_.progress, stage_.tracker)


if __name__ == "__main__":
    stage.run(whole.NAME, main)
