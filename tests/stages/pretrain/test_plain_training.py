"""The trainer gives the losses of a plain loop, in one process, in two, and accumulated."""

import pytest
from pretrain_project import PARAMS, Project

from benchmarks import plain_training
from runtime import files, params
from stages.pretrain.params import PretrainParams


@pytest.mark.slow
@pytest.mark.parametrize(("processes", "micro_batch"), [(1, 8), (2, 1)], ids=str)
def test_the_first_fifty_losses_are_those_of_a_plain_loop(
    project: Project, processes: int, micro_batch: int
) -> None:
    changed = {"dtype": "float32", "micro_batch": micro_batch, "steps": 50, "log_every": 1}
    project.params(**changed)
    code, output = project.run(processes)
    assert code == 0, output
    seen = [point["loss"] for point in project.curve() if "loss" in point]

    typed = params.typed("pretrain", PARAMS | changed, PretrainParams)
    manifest = files.read_json(project.tokens / "manifest.json")
    assert seen == pytest.approx(plain_training.losses(typed, project.tokens, manifest), rel=1e-5)
    assert seen[-1] < seen[0] - 0.5
