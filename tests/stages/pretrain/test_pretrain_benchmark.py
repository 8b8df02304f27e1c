"""The benchmark of throughput runs on a CPU as it would on a GPU."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.pretrain_throughput import variants
from runtime import files
from tests.conftest import ROOT


def test_every_sweep_is_varied_alone() -> None:
    assert list(variants(["a=1,2", "b=x"])) == [[], ["a=1"], ["a=2"], ["b=x"]]


@pytest.mark.slow
def test_it_measures_and_says_what_failed(tmp_path: Path) -> None:
    words = ["--profile", "smoke", "--steps", "2", "--warm-up", "1", "--accumulate", "2"]
    words += ["--set", "model.layers=1", "model.context=32", "--vocabulary", "300"]
    words += ["--sweep", "model.heads=3", "--name", f"{tmp_path}/result"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.pretrain_throughput", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found, impossible = files.read_json(tmp_path / "result.json")["figures"]
    assert found["processes"] == 2 and found["device"] == "cpu"
    tokens = 2 * 2 * 4 * 32  # processes, micro-batches, sequences, tokens
    assert found["tokens_per_second"] == pytest.approx(tokens / found["step_seconds"]["median"])
    first, last = found["first_and_last_loss"]
    assert last < first
    assert "must be a multiple of the 3 heads" in impossible["failed"]
