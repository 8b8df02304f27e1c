"""Training as a job of a real Slurm, which the tests start and stop."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable

import psutil
import pytest
from pretrain_project import ROOT, Project
from training_process import wait_for_step

from tests.conftest import on_one_node

pytestmark = [pytest.mark.slow, pytest.mark.service]

SLURM = {"POLYGLOT_LAUNCH": "slurm"}
LONG = {"steps": 20_000, "log_every": 20, "checkpoints": {"every": 200}}


@pytest.fixture
def cluster_project(cluster: None, project: Project) -> Project:
    """A project that trains as a job of one node with two ranks."""
    shutil.copytree(ROOT / "infra/slurm", project.folder / "infra/slurm")
    launch = project.folder / "infra/launch/slurm.yaml"
    shutil.copy(ROOT / "infra/launch/slurm.yaml", launch)
    on_one_node(launch)
    return project


def jobs() -> list[tuple[str, str]]:
    """Id and state of all jobs that have not ended."""
    words = ["squeue", "--noheader", "--format=%i %T"]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    return [(job, state) for job, state in map(str.split, lines)]


def until(condition: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def soon(job: str) -> None:
    """Start a job that queues again without the two minutes for which Slurm spares its node."""
    until(lambda: (job, "PENDING") in jobs())
    subprocess.run(["scontrol", "update", f"JobId={job}", "StartTime=now+5"], check=True)


def left(project: Project) -> list[str]:
    """The training processes that still run in the project's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(project.folder) and "train" in " ".join(process.cmdline()):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def test_a_job_gives_what_this_machine_gives(trained: Project, cluster_project: Project) -> None:
    code, output = cluster_project.run(**SLURM)
    assert code == 0, output
    assert cluster_project.curve() == trained.curve()
    assert cluster_project.weights() == trained.weights()
    assert jobs() == [] and left(cluster_project) == []


def test_requeued_it_goes_on_as_if_nothing_had_been(
    trained: Project, cluster_project: Project
) -> None:
    process = cluster_project.start(**SLURM, POLYGLOT_FRESH="1")  # afresh, but only once
    wait_for_step(cluster_project, 20, process)
    ((job, _),) = jobs()
    subprocess.run(["scontrol", "requeue", job], check=True)
    soon(job)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert "Resumed at step" in output
    assert cluster_project.curve() == trained.curve()
    assert cluster_project.weights() == trained.weights()


def test_at_the_end_of_its_time_it_saves_and_queues_again(cluster_project: Project) -> None:
    launch = cluster_project.folder / "infra/launch/slurm.yaml"
    text = launch.read_text().replace('time: "2-00:00:00"', 'time: "00:01:00"')
    launch.write_text(text.replace("grace: 20", "grace: 10"))
    cluster_project.params(**LONG)
    process = cluster_project.start(**SLURM)
    wait_for_step(cluster_project, 20, process)
    until(lambda: cluster_project.newest_step() % 200, 180)  # saved for its end's sake
    saved = cluster_project.newest_step()
    soon(jobs()[0][0])
    until(lambda: "Resumed" in (cluster_project.folder / "logs/pretrain.job.log").read_text())
    process.terminate()
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM, output
    assert f"Resumed at step {saved} of 20000" in output
    assert "Slurm job" in output and "is pending" in output
    assert jobs() == []


def test_cancelled_it_saves_and_leaves_no_job(cluster_project: Project) -> None:
    cluster_project.params(**LONG)
    process = cluster_project.start(**SLURM)
    wait_for_step(cluster_project, 20, process)
    process.terminate()
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM, output
    assert jobs() == [] and left(cluster_project) == []
    assert cluster_project.newest_step() % 200


def test_the_job_of_a_killed_owner_saves_before_another_is_submitted(
    trained: Project, cluster_project: Project
) -> None:
    process = cluster_project.start(**SLURM)
    wait_for_step(cluster_project, 8, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    ((orphan, _),) = jobs()
    code, output = cluster_project.run(**SLURM)
    assert code == 0, output
    assert f"Slurm job {orphan} is" not in output
    assert "Resumed at step" in output
    assert cluster_project.weights() == trained.weights()


def test_a_failure_is_told_by_its_own_sentence(cluster_project: Project) -> None:
    cluster_project.params(lr=1e30, min_lr=1e30, warmup_share=0.0)
    code, output = cluster_project.run(**SLURM)
    assert code == 1
    assert "Training stopped: the 3 steps from 2 on were bad" in output
    assert "Traceback" not in output
    assert jobs() == []


def test_what_slurm_refuses_is_told(cluster_project: Project) -> None:
    launch = cluster_project.folder / "infra/launch/slurm.yaml"
    head, training = launch.read_text().split("training:")
    launch.write_text(f"{head}training:{training.replace('partition: null', 'partition: moon')}")
    code, output = cluster_project.run(**SLURM)
    assert code == 1
    assert "Slurm refused" in output and "partition" in output and "Traceback" not in output
