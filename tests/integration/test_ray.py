"""The data stages as tasks of a real Ray on this machine."""

import os
import shutil
import signal
import time

import pytest

from tests.integration import corpus
from tests.integration.conftest import Workspace

pytest.importorskip("ray", reason="Ray is not installed: pip install 'polyglot-ko[ray]'")
pytestmark = [pytest.mark.slow, pytest.mark.service]

RAY = {"POLYGLOT_LAUNCH": "ray", "POLYGLOT_WORKERS": "2"}


def test_ray_writes_the_bytes_that_this_machine_writes_even_after_a_kill(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    corpus.prepare(workspace, 3000, shards=4)
    corpus.run(workspace, "ingest")
    corpus.run(workspace, "clean")
    local = corpus.digests(workspace, ["clean"])

    shutil.rmtree(workspace.folder / "data/clean")
    master = corpus.start(workspace, "clean", **RAY)
    parts = workspace.folder / "data/clean.partial/state/clean/parts"
    while master.poll() is None and not list(parts.glob("*.json")):
        time.sleep(0.05)
    os.killpg(master.pid, signal.SIGKILL)
    master.communicate()
    corpus.run(workspace, "clean", **RAY)
    assert corpus.digests(workspace, ["clean"]) == local
    deadline = time.monotonic() + 30  # Ray's idle workers see that their node is gone
    while workspace.processes():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_sentence_of_a_task_reaches_the_user(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    corpus.prepare(workspace, 1000, shards=2)
    corpus.run(workspace, "ingest")
    shard = sorted((workspace.folder / "data/ingest/documents").iterdir())[-1]
    with shard.open("r+b") as file:
        file.seek(200)
        file.write(bytes(500))
    master = corpus.start(workspace, "clean", **RAY)
    printed, _ = master.communicate()
    assert master.returncode == 1
    assert f"{shard.name} is damaged" in printed and "Traceback" not in printed


def test_a_cluster_that_is_not_there_is_one_sentence(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    corpus.prepare(workspace, 1000, shards=2)
    corpus.run(workspace, "ingest")
    file = workspace.folder / "infra/launch/ray.yaml"
    file.write_text(file.read_text().replace("address: local", "address: auto"))
    master = corpus.start(workspace, "clean", **RAY)
    printed, _ = master.communicate()
    assert master.returncode == 1
    assert "Ray at auto cannot be used" in printed and "Traceback" not in printed
    corpus.run(workspace, "clean")
