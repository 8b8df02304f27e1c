"""The stage as DVC runs it, from data/model to data/evaluate."""

import json
import shutil
from pathlib import Path

import pytest

from runtime.errors import PolyglotError
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.evaluate.exported import run


@pytest.fixture
def project(tmp_path: Path, kobest: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(
        f"evaluate: {{data: {kobest}, tasks: [copa, hellaswag], shots: [0, 1], limit: 5, "
        "prompts: polyglot, batch_tokens: 900, dtype: float32}\n"
    )
    return tmp_path


def test_results_metrics_and_samples_appear_together(project, model):
    shutil.copytree(model, "data/model")
    run(Progress(None), Tracker(None))

    assert sorted(path.name for path in Path("data").iterdir()) == ["evaluate", "model"]
    metrics = json.loads(Path("data/evaluate/metrics.json").read_text())
    assert {task: set(row) for task, row in metrics.items()} == {
        "copa": {"0", "1"},
        "hellaswag": {"0", "1"},
        "hellaswag_norm": {"0", "1"},
    }
    results = json.loads(Path("data/evaluate/results.json").read_text())
    assert results["model"] == "data/model"
    assert results["results"][0]["macro_f1"] == metrics["copa"]["0"]
    assert sorted(path.name for path in Path("data/evaluate/samples").iterdir()) == [
        "copa-0.jsonl",
        "copa-1.jsonl",
        "hellaswag-0.jsonl",
        "hellaswag-1.jsonl",
    ]


def test_without_a_model_the_stage_names_the_one_before(project):
    with pytest.raises(PolyglotError, match="run the stage export first"):
        run(Progress(None), Tracker(None))
