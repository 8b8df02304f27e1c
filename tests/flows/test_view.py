"""The line of a running stage: what it says, and that it never wraps."""

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from flows.view import RunView, StageView, fitted
from runtime.stage import progress_file

NOW = 1_000_000.0


def progress(done: float, total: float, unit: str, **figures: Any) -> dict[str, Any]:
    """A part that has been running for ten minutes."""
    begun = {"begun_at": 0.0, "started": NOW - 600}
    return {"done": done, "total": total, "unit": unit, "figures": figures, **begun}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            progress(1_234_567, 1_399_176, "documents", documents=1_234_567, **{"MB/s": 12.345}),
            "1,234,567 documents · 12.3 MB/s · 0:01:20 left",
        ),
        (progress(100, 5_000, "documents read"), "100 documents read · 8:10:00 left"),
        (progress(10, 20_010, "documents"), "10 documents · 333:20:00 left"),
        (progress(3, 12, "buckets compared"), "3 / 12 buckets compared · 0:30:00 left"),
        (
            progress(1.5e9, 3e9, "bytes", documents=4_000, **{"MB/s": 2.5, "MB/worker": 311.7}),
            "1.5 / 3.0 GB · 4,000 documents · 2.5 MB/s · 312 MB/worker · 0:10:00 left",
        ),
        (
            progress(250, 500, "steps", loss=4.20613, **{"tokens/s": 8012.4}),
            "250 / 500 steps · loss 4.206 · 8,012 tokens/s · 0:10:00 left",
        ),
        (progress(0, 500, "steps"), "0 / 500 steps"),
        (progress(500, 500, "steps"), "500 / 500 steps"),
        (progress(0, 0, "merges"), "merges"),
        (
            progress(5, 10, "answers", part="copa 5-shot"),
            "5 / 10 answers · part copa 5-shot · 0:10:00 left",
        ),
        ({}, ""),
    ],
)
def test_what_a_line_says(state: dict[str, Any], words: str) -> None:
    assert fitted(state, 200, NOW) == words


def test_work_of_an_earlier_run_is_no_speed() -> None:
    resumed = progress(600, 1_000, "steps") | {"begun_at": 500.0}
    assert fitted(resumed, 200, NOW) == "600 / 1,000 steps · 0:40:00 left"


def test_figures_give_way_to_the_time_left() -> None:
    state = progress(250, 500, "steps", loss=4.2, lr=0.001)
    assert fitted(state, 50, NOW) == "250 / 500 steps · loss 4.2 · 0:10:00 left"
    assert fitted(state, 40, NOW) == "250 / 500 steps · 0:10:00 left"


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_no_line_wraps_however_narrow_the_terminal(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stages = [
        StageView(
            "sample", "run", seconds=3.2, headline="12,000 records [of] fifteen sources " * 3
        ),
        StageView("dedup", "running", started=time.monotonic()),
        StageView("gate@evaluation"),
    ]
    file = progress_file("dedup")
    file.parent.mkdir(parents=True)
    speed = {"MB/s": 12.3, "MB/worker": 311.0}
    file.write_text(json.dumps(progress(1_234_567, 9_000_000, "documents read", **speed)))
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None)
    console.print(RunView(stages, console))
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= width
    if width >= 80:
        assert "dedup" in lines[1] and "1,234,567 documents read · " in lines[1]
        assert "[of]" in lines[0]
