"""Interrupted in every kind of stage, the pipeline leaves no process behind and ends the same."""

import hashlib
import json
import signal
import time
from pathlib import Path

import pytest

from tests.integration.conftest import SMALL, Workspace

pytestmark = pytest.mark.slow

# Of each kind one; the others run as it does: tasks, a gate, one process, ranks, parts.
STAGES = ["dedup", "gate@documents", "tokenizer", "pretrain", "evaluate"]


def test_interrupted_in_every_kind_of_stage_it_ends_the_same(tmp_path):
    undisturbed, interrupted = Workspace(tmp_path / "a"), Workspace(tmp_path / "b")
    code, printed = undisturbed.run("run", "--profile", "smoke", *SMALL)
    assert code == 0, printed

    hit = [stage for stage in STAGES if interrupt(interrupted, stage)]
    assert {"tokenizer", "pretrain", "evaluate"} <= set(hit)  # the others may be too quick
    code, printed = interrupted.run("run", "--profile", "smoke", *SMALL)
    assert code == 0, printed

    assert results(interrupted.folder) == results(undisturbed.folder)
    code, printed = interrupted.run("run")
    assert "Everything is up to date." in printed


def interrupt(workspace: Workspace, stage: str) -> bool:
    """Run until ``stage`` tells of its progress and press Ctrl-C; whether that cut it short."""
    progress = workspace.folder / ".polyglot/progress" / f"{stage}.json"
    progress.unlink(missing_ok=True)
    run = workspace.start("run", "--profile", "smoke", *SMALL)
    while run.poll() is None and not progress.exists():
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    printed, _ = run.communicate(timeout=120)
    assert run.returncode in (0, 130), printed  # 0: the last stage was quicker than the signal
    assert workspace.processes() == []
    lock = workspace.folder / "dvc.lock"
    return not lock.exists() or f"\n  {stage}:\n" not in lock.read_text()


def results(folder: Path) -> dict[str, str]:
    """A hash of every result, and of the losses alone where a file also holds times."""
    hashes = {}
    for path in sorted((folder / "data").rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and not name.startswith(("data/checkpoints", "data/release/README")):
            hashes[name] = hashlib.sha256(_without_times(path)).hexdigest()
    return hashes


def _without_times(path: Path) -> bytes:
    timed = {"tokens_per_second", "seconds", "resumed_at", "peak_memory_gb", "memory_gb", "model"}
    if path.name == "curve.jsonl":
        lines = [json.loads(line) for line in path.read_text().splitlines()]
    elif path.name in ("metrics.json", "results.json") and path.parent.name != "evaluate.partial":
        lines = [json.loads(path.read_text())]
    else:
        return path.read_bytes()
    kept = [{key: value for key, value in line.items() if key not in timed} for line in lines]
    return json.dumps(kept).encode()
