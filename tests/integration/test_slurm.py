"""The data stages as jobs of a real Slurm, which the tests start and stop."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.conftest import CLUSTER, lives
from tests.integration import corpus
from tests.integration.conftest import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.service]

SLURM = {"POLYGLOT_LAUNCH": "slurm"}
STAGES = ["ingest", "clean", "dedup"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small corpus gone through the stages on this machine's cores."""
    workspace = Workspace(tmp_path_factory.mktemp("local"))
    corpus.prepare(workspace, 5000, shards=4)
    for stage in STAGES:
        corpus.run(workspace, stage)
    return workspace


@pytest.fixture
def workspace(undisturbed: Workspace, tmp_path: Path) -> Workspace:
    """A copy of ``undisturbed`` as it was before clean."""
    folder = tmp_path / "workspace"
    shutil.copytree(undisturbed.folder, folder)
    for stage in ("clean", "dedup"):
        shutil.rmtree(folder / "data" / stage)
    copy = object.__new__(Workspace)
    copy.folder = folder
    return copy


def test_slurm_writes_the_bytes_that_this_machine_writes(cluster, undisturbed, workspace):
    change_launch(workspace, "max_array_size: 1001", "max_array_size: 3")  # two arrays for a pass
    for stage in ("clean", "dedup"):
        corpus.run(workspace, stage, **SLURM)
    assert corpus.digests(workspace, STAGES) == corpus.digests(undisturbed, STAGES)
    assert _jobs() == []


def test_after_its_master_was_killed_it_ends_the_same(cluster, undisturbed, workspace):
    master = corpus.start(workspace, "clean", **SLURM)
    _until(lambda: _parts(workspace) and _jobs())
    os.killpg(master.pid, signal.SIGKILL)
    master.communicate()
    orphans = set(_jobs())
    assert orphans
    done = {part: part.stat().st_mtime_ns for part in _parts(workspace)}
    again = corpus.start(workspace, "clean", **SLURM)
    _until(lambda: not orphans & set(_jobs()))
    for part, when in done.items():  # what was done is not done again
        assert not part.exists() or part.stat().st_mtime_ns == when
    printed, _ = again.communicate()
    assert again.returncode == 0, printed
    assert corpus.digests(workspace, ["clean"]) == corpus.digests(undisturbed, ["clean"])


def test_a_killed_job_is_told_and_the_others_cancelled(cluster, workspace):
    master = corpus.start(workspace, "clean", **SLURM)
    _until(lambda: _tasks(workspace))
    _tasks(workspace)[0].kill()
    printed, _ = master.communicate(timeout=60)
    assert master.returncode == 1
    assert "was killed by SIGKILL" in printed and "Traceback" not in printed
    assert _jobs() == [] and _tasks(workspace) == []


def test_a_cancelled_stage_cancels_its_jobs(cluster, workspace):
    master = corpus.start(workspace, "clean", **SLURM)
    _until(lambda: _tasks(workspace))
    master.terminate()
    master.communicate(timeout=60)
    assert master.returncode == 128 + signal.SIGTERM
    assert _jobs() == [] and _tasks(workspace) == []


def test_the_sentence_of_a_job_reaches_the_user(cluster, workspace):
    shard = sorted((workspace.folder / "data/ingest/documents").iterdir())[-1]
    with shard.open("r+b") as file:
        file.seek(200)
        file.write(bytes(500))
    master = corpus.start(workspace, "clean", **SLURM)
    printed, _ = master.communicate(timeout=120)
    assert master.returncode == 1
    assert f"{shard.name} is damaged" in printed and "Traceback" not in printed


def test_what_slurm_refuses_is_told(cluster, workspace):
    change_launch(workspace, "partition: null", "partition: moon")
    master = corpus.start(workspace, "clean", **SLURM)
    printed, _ = master.communicate()
    assert master.returncode == 1
    assert "Slurm refused" in printed and "partition" in printed and "Traceback" not in printed


def test_started_inside_a_job_it_says_where_to_start(cluster, workspace):
    master = corpus.start(workspace, "clean", **SLURM, SLURM_JOB_ID="7")
    printed, _ = master.communicate()
    assert master.returncode == 1
    assert "start polyglot on the cluster's login node" in printed


def test_a_cluster_that_cannot_start_leaves_nothing(cluster, tmp_path):
    broken = tmp_path / "bin/slurmd"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    environment = {**os.environ, "PATH": f"{broken.parent}:{os.environ['PATH']}"}
    started = subprocess.run([CLUSTER, "start", tmp_path / "cluster"], env=environment)
    assert started.returncode != 0
    assert not (tmp_path / "cluster").exists()
    words = (
        " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])
    )
    assert not any(str(tmp_path / "cluster") in line for line in words)


def change_launch(workspace: Workspace, old: str, new: str) -> None:
    file = workspace.folder / "infra/launch/slurm.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _jobs() -> list[str]:
    """The arrays of all jobs that have not ended."""
    words = ["squeue", "--noheader", "--format=%F"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return sorted(set(done.stdout.split()))


def _parts(workspace: Workspace) -> list[Path]:
    return list((workspace.folder / "data/clean.partial/state/clean/parts").glob("*.json"))


def _tasks(workspace: Workspace) -> list[psutil.Process]:
    """The processes that run tasks in the workspace."""
    found = []
    for process in psutil.process_iter():
        try:
            here = process.cwd() == str(workspace.folder) and lives(process)
            if here and "launch_pickled_pipeline" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found
