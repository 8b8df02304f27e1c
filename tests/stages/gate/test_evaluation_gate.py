"""Gate evaluation, and the stage's command with it."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from mlflow import MlflowClient

from runtime import files, paths
from runtime.errors import PolyglotError
from stages.gate import evaluation as gate
from stages.gate import results
from stages.gate.params import EvaluationGate
from stages.mask.kinds import KINDS
from tests.stages.gate.conftest import (
    TASKS,
    documents,
    evaluation,
    failure,
    judged,
    score,
    write_documents,
    write_scores,
)

ROOT = Path(__file__).resolve().parents[3]


def change(**changes: Any) -> None:
    """Spoil the result of COPA without examples."""
    cells = [(name, shots) for name in TASKS for shots in (0, 5)]
    write_scores([score(*c, changes if c == ("copa", 0) else {}) for c in cells])


def test_good_scores_pass(evaluated: EvaluationGate) -> None:
    found = judged(gate, evaluated)
    assert found.sentence is None
    assert found.passed and all(e.passed for e in found.expectations)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n": 0}, "test examples to be at least 1, but saw 0 (copa 0-shot)"),
        ({"n": 19}, "the lines of the test file, but saw 19 against 20 (copa 0-shot)"),
        ({"macro_f1": float("nan")}, "scores that are no finite number to be at most 0"),
        ({"macro_f1_norm": -0.1}, "a score to be at least 0, but saw -0.1 (copa 0-shot)"),
        ({"accuracy": 1.1}, "a score to be at most 1, but saw 1.1 (copa 0-shot)"),
        ({"shots": 10}, "but saw without copa 0-shot"),
    ],
)
def test_spoilt_scores_fail(evaluated: EvaluationGate, changes: dict[str, Any], says: str) -> None:
    change(**changes)
    assert says in failure(gate, evaluated)


def test_one_answer_to_everything_fails_and_on_one_task_passes(evaluated: EvaluationGate) -> None:
    always_first = [[10, 0], [10, 0]]
    change(predictions=always_first)
    assert judged(gate, evaluated).passed
    write_scores([score("copa", shots, {"predictions": always_first}) for shots in (0, 5)])
    evaluated.tasks = ["copa"]
    assert "different answers given to the best-varied task to be at least 2, but saw 1" in failure(
        gate, evaluated
    )


def test_scores_that_never_vary_are_counted_where_the_params_say_so(
    evaluated: EvaluationGate,
) -> None:
    change(predictions=[[10, 0], [10, 0]])
    evaluated.max_constant = 1
    assert judged(gate, evaluated).passed
    evaluated.max_constant = 0
    assert "one answer to everything to be at most 0, but saw 1" in failure(gate, evaluated)


def test_a_training_document_that_holds_a_test_text_is_counted(evaluated: EvaluationGate) -> None:
    text = "두아 리파는 영국의 가수이자 작사가이며 모델로도 활동한 적이 있는 사람이다"
    item = json.dumps({"premise": f"{text}!", "alternative_1": "그렇다.", "label": 0})
    files.write_text(Path("kobest/copa/test.jsonl"), f"{item}\n" * 20)
    assert judged(gate, evaluated).passed
    held = [("news/x#1", f"어제의 글. {text.replace(' ', '  ')} 그리고 그렇다.", "news")]
    cut = [("news/x#2", text[: len(text) // 2], "news"), ("news/x#3", "그렇다.", "news")]
    write_documents(paths.MASK, [*documents(), *held, *cut])
    assert "that hold a whole test text to be at most 0, but saw 1" in failure(gate, evaluated)
    evaluated.max_contaminated = 1
    assert judged(gate, evaluated).passed


def test_nothing_is_compared_while_there_is_no_champion(
    evaluated: EvaluationGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///none.db")
    evaluated.champion = "models:/korean@champion"
    assert judged(gate, evaluated).passed
    assert not Path("none.db").exists()


def test_a_model_far_below_the_champion_fails(
    evaluated: EvaluationGate, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{project}/mlflow.db")
    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    client.create_registered_model("korean")
    evaluated.champion = "models:/korean@champion"
    assert judged(gate, evaluated).passed  # a model, but no champion yet

    def crown(results: list[dict[str, Any]], **asked: str) -> None:
        folder = project / f"release{len(list(project.glob('release*')))}"
        files.write_json(folder / "kobest.json", evaluation(results) | asked)
        version = client.create_model_version("korean", folder.as_uri())
        client.set_registered_model_alias("korean", "champion", version.version)

    cells = [(name, shots) for name in TASKS for shots in (0, 5)]
    crown([score(*cell, {"macro_f1": 0.615}) for cell in cells])
    assert judged(gate, evaluated).passed
    crown([score(*cell, {"macro_f1": 0.63}) for cell in cells])
    assert "below that of models:/korean@champion to be at most 0.02, but saw 0.03" in failure(
        gate, evaluated
    )
    crown([score(*cell) for cell in cells], prompts_hash="other")
    with pytest.raises(PolyglotError, match=r"evaluated otherwise \(prompts_hash differs\)"):
        judged(gate, evaluated)
    (project / "bare").mkdir()
    version = client.create_model_version("korean", (project / "bare").as_uri())
    client.set_registered_model_alias("korean", "champion", version.version)
    with pytest.raises(PolyglotError, match=r"has no kobest\.json to compare with"):
        judged(gate, evaluated)


def test_a_registry_that_does_not_answer_is_one_sentence(
    evaluated: EvaluationGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    evaluated.champion = "models:/korean@champion"
    with pytest.raises(PolyglotError, match="does not answer"):
        judged(gate, evaluated)


def test_the_margin_is_measured_from_each_tasks_chance(evaluated: EvaluationGate) -> None:
    write_scores(
        [score(task, shots, {"accuracy": 0.5}) for task in TASKS for shots in (0, 5)],
    )
    evaluated.min_margin = 0.25  # HellaSwag has four endings
    assert judged(gate, evaluated).passed
    evaluated.min_margin = 0.26
    assert "accuracy above chance to be at least 0.26, but saw 0.25" in failure(gate, evaluated)
    evaluated.min_margin = None
    assert judged(gate, evaluated).passed


def test_a_margin_that_is_just_reached_passes(evaluated: EvaluationGate) -> None:
    write_scores([score("copa", shots, {"accuracy": 0.6}) for shots in (0, 5)])
    evaluated.tasks = ["copa"]
    evaluated.min_margin = 0.1  # 0.6 - 0.5 is a little less in binary
    assert judged(gate, evaluated).passed


def test_the_limit_and_the_test_files_say_what_is_expected(evaluated: EvaluationGate) -> None:
    evaluated.limit = 19
    assert "20 against 19" in failure(gate, evaluated)
    evaluated.data = "elsewhere"
    assert "20 against 0" in failure(gate, evaluated)


@pytest.mark.slow
def test_the_command_writes_the_result_and_fails_with_the_sentence(
    evaluated: EvaluationGate, project: Path
) -> None:
    write_params(project, evaluated)
    change(n=19)
    run = subprocess.run(
        [sys.executable, "-m", "stages.gate", "evaluation"],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(project)},
        capture_output=True,
        text=True,
    )
    [found] = results(paths.GATES)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert found.sentence and found.sentence in run.stderr
    assert files.read_json(paths.GATES / "evaluation.json")["gate"] == "evaluation"


def write_params(project: Path, demands: EvaluationGate) -> None:
    bounds = {"min": 0, "max": 1}
    gates = {
        "documents": {
            "required_sources": [],
            "min_documents": 0,
            "min_bytes": 0,
            "max_torn_files": 0,
            "max_quarantined_share": 1,
            "max_dropped_share": {"clean": {"default": 1}, "dedup": {"default": 1}},
            "min_hangul_share": 0,
            "characters": bounds,
        },
        "masked": {
            "max_residue_per_million": 0,
            "per_million": {kind: {"default": bounds} for kind in KINDS},
            "extra_kinds": [],
        },
        "tokens": {
            "bytes_per_token": {"default": bounds},
            "tokens_per_document": {"default": bounds},
            "max_shared_share": 0,
            "min_train_tokens": 0,
            "max_epochs": 1,
            "steps": 1,
            "global_batch": 1,
            "context": 1,
            "round_trip_documents": 1,
        },
        "model": {"max_logit_difference": 0, "max_loss_difference": 0},
        "evaluation": asdict(demands),
    }
    (project / "params.yaml").write_text(yaml.safe_dump({"gates": gates}))
