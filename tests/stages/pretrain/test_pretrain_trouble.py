"""What can go wrong in a training, and the one sentence that tells it."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pretrain_project import Project
from training_process import rank, wait_for_step

from runtime import files

pytestmark = pytest.mark.slow

POISONED = {"lr": 3e-2, "steps": 54, "log_every": 2}
NOISE = range(46, 50)


def bad_steps(project: Project) -> list[dict[str, Any]]:
    lines = (project.output / "bad_steps.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_gradients_that_are_not_finite_stop_it(project: Project) -> None:
    project.params(lr=1e30, min_lr=1e30, warmup_share=0.0)
    code, output = project.run(processes=1)
    assert code == 1
    assert "Step 2 has gradients that are not finite" in output
    assert "Training stopped: the 3 steps from 2 on were bad" in output
    assert "Traceback" not in output
    bad = (project.checkpoints() / "bad_steps.jsonl").read_text().splitlines()
    assert [len(json.loads(line)["samples"]) for line in bad] == [8, 8, 8]
    assert not project.output.exists()


@pytest.fixture(scope="module")
def skipping(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """An undisturbed training that leaves poisoned batches out."""
    project = Project(tmp_path_factory.mktemp("skipping"))
    project.params(**POISONED, anomalies={"action": "skip"})
    project.poison(NOISE)
    code, output = project.run()
    assert code == 0, output
    assert "Back at step 45: the 3 batches of the bad steps are left out." in output
    return project


def test_poisoned_batches_are_left_out(skipping: Project) -> None:
    assert [(line["step"], line["kind"], line.get("skipped")) for line in bad_steps(skipping)] == [
        (46, "spike", True),
        (47, "spike", True),
        (48, "spike", True),
        (46, "spike", None),  # the noise was four steps long
    ]
    metrics = files.read_json(skipping.output / "metrics.json")
    assert metrics["skipped_batches"] == 3
    assert metrics["bad_steps"]["spike"] == 1
    assert metrics["train_loss"] < 3


def test_stopped_by_poison_and_killed_it_ends_as_if_it_had_not_been(
    skipping: Project, project: Project
) -> None:
    project.params(**POISONED)
    project.poison(NOISE)
    code, output = project.run()
    assert code == 1
    assert "Training stopped: the 3 steps from 46 on were bad, the last one for a loss of" in output
    assert "pretrain.anomalies.action=skip" in output
    assert "Traceback" not in output
    assert project.newest_step() == 45

    project.params(**POISONED, anomalies={"action": "skip"})  # as advised
    process = project.start()
    wait_for_step(project, 50, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    code, output = project.run()
    assert code == 0, output
    assert project.curve() == skipping.curve()
    assert project.weights() == skipping.weights()
    assert bad_steps(project) == bad_steps(skipping)


def test_a_hung_rank_ends_the_job_and_shows_where(project: Project) -> None:
    launch = project.folder / "infra/launch/local.yaml"
    launch.write_text(launch.read_text().replace("grace: 60", "grace: 1"))
    project.params(steps=100_000)
    process = project.start(POLYGLOT_PATIENCE="8")
    wait_for_step(project, 4, process)
    rank(process, 1).send_signal(signal.SIGSTOP)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == os.EX_TEMPFAIL  # from the checkpoint it may do better
    assert "Training hung at step" in output
    assert "Rank 0 hangs; its threads stand here" in output and "trainer.py" in output
    assert "Traceback (most" not in output


def test_a_killed_rank_is_named(project: Project) -> None:
    launch = project.folder / "infra/launch/local.yaml"
    launch.write_text(launch.read_text().replace("grace: 60", "grace: 1"))
    project.params(steps=100_000)
    process = project.start()
    wait_for_step(project, 4, process)
    rank(process, 1).kill()
    output, _ = process.communicate(timeout=120)
    assert process.returncode == os.EX_TEMPFAIL  # from the checkpoint it may do better
    assert "A training process was ended by SIGKILL: is there enough memory?" in output


def test_a_shard_cut_short_meanwhile_is_named(project: Project) -> None:
    project.params(steps=100_000)
    process = project.start()
    wait_for_step(project, 4, process)
    os.truncate(project.tokens / "train/00000.ds", 0)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "ended by SIGBUS: a shard in data/tokens was cut short" in output


def test_too_little_memory_comes_with_advice(project: Project) -> None:
    project.params(
        micro_batch=20_000,
        global_batch=40_000,
        model={"context": 128, "intermediate_size": 4096},
        speed={"loss_chunk": None},
    )
    project.tokens_of(40_001 * 128)
    code, output = project.run(processes=1, limit=12_000_000_000)
    assert code == 1
    assert "A micro-batch of 20000 does not fit in memory" in output
    assert "set pretrain.micro_batch=10000 (each step is then accumulated from 4 parts" in output
    assert "set pretrain.speed.loss_chunk=1024, or set pretrain.speed.recompute_layers=2" in output
    assert "Traceback" not in output


@pytest.fixture
def small_disk(project: Project) -> Path:
    """The checkpoints' folder on a disk that has room for two of them, but not for a third."""
    folder = project.folder / "data/checkpoints"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here: only root can")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_the_last_good_checkpoint(
    trained: Project, project: Project, small_disk: Path
) -> None:
    code, output = project.run()
    assert code == 1
    assert "The checkpoint of step 15 could not be written" in output
    assert "make room and run again" in output
    assert "Traceback" not in output
    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    code, output = project.run()
    assert code == 0, output
    assert "Resumed at step 10 of 40" in output
    assert project.curve() == trained.curve()
    assert project.weights() == trained.weights()
