"""Killed with SIGKILL at random points and started again, the data stages end the same."""

import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from tests.integration import corpus
from tests.integration.conftest import Workspace

pytestmark = pytest.mark.slow

KILLS = 6  # inside each stage, the whole process group and the master alone by turns
TRIES = 30  # of each stage; one that was quicker than its kill is started afresh
TWO = {"POLYGLOT_WORKERS": "2"}


def test_killed_again_and_again_the_stages_end_the_same(tmp_path, capsys):
    undisturbed, killed = Workspace(tmp_path / "a"), Workspace(tmp_path / "b")
    corpus.prepare(undisturbed, 30_000)
    shutil.copytree(undisturbed.folder, killed.folder, dirs_exist_ok=True)
    rng = random.Random(1)
    inside = {}
    for stage in corpus.STAGES:
        seconds = working_seconds(undisturbed, stage)
        inside[stage] = 0
        for attempt in range(TRIES):
            if inside[stage] < KILLS:
                delay, group = rng.uniform(0, seconds), bool(attempt % 2)
                inside[stage] += killed_inside(killed, stage, delay, group)
        corpus.run(killed, stage, **TWO)
    with capsys.disabled():
        print(f"\nkilled inside: {inside}")
    assert sum(inside.values()) >= 20
    assert corpus.digests(killed, corpus.STAGES) == corpus.digests(undisturbed, corpus.STAGES)
    assert not list(killed.folder.glob("data/*.partial"))
    assert killed.processes() == []


def working_seconds(workspace: Workspace, stage: str) -> float:
    """Run the stage; the seconds from its first sign of progress to its end."""
    process = corpus.start(workspace, stage, **TWO)
    began = wait_for_progress(workspace, stage, process)
    printed, _ = process.communicate()
    assert process.returncode == 0, f"{stage}: {printed}"
    return time.monotonic() - began


def killed_inside(workspace: Workspace, stage: str, delay: float, group: bool) -> bool:
    """Kill the stage ``delay`` seconds after its first sign; whether it was still at work."""
    process = corpus.start(workspace, stage, **TWO)
    wait_for_progress(workspace, stage, process)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
    printed, _ = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), f"{stage}: {printed}"
    deadline = time.monotonic() + 5
    while workspace.processes():
        assert time.monotonic() < deadline, "a worker outlives its master"
        time.sleep(0.05)
    final = workspace.folder / "data" / stage
    if process.returncode == 0 or final.exists():
        shutil.rmtree(final)
        return False
    return True


def wait_for_progress(workspace: Workspace, stage: str, process: subprocess.Popen) -> float:
    """Return once the stage tells of progress or has ended; when that was."""
    progress = workspace.folder / ".polyglot/progress" / f"{stage}.json"
    progress.unlink(missing_ok=True)
    while process.poll() is None and not progress.exists():
        time.sleep(0.01)
    return time.monotonic()
