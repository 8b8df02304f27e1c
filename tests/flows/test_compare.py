"""Runs side by side, from files, from this workspace and from MLflow."""

import json
import re
from pathlib import Path

import pytest
from mlflow import MlflowClient

from flows.compare import compare
from runtime import files
from runtime.delivery import EXPERIMENT, tracking_uri
from runtime.errors import PolyglotError


def summary(run: str, f1: float, steps: int) -> dict:
    result = {
        "task": "copa",
        "shots": 5,
        "macro_f1": f1,
        "macro_f1_interval": [f1 - 0.03, f1 + 0.03],
    }
    return {
        **{"run": run, "profile": "nsmc", "commit": "abc", "machine": "one", "versions": {}},
        "params": {"pretrain.steps": steps, "pretrain.lr": 0.003},
        "training": {"validation_loss": 4.25, "parameters": 10},
        "kobest": {"results": [result]},
    }


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.setenv("COLUMNS", "200")
    files.write_json(tmp_path / "one/reports/run.json", summary("nsmc-1", 0.51, 400))
    files.write_json(tmp_path / ".polyglot/runs/nsmc-2.json", summary("nsmc-2", 0.58, 500))
    return tmp_path


def lines(capsys: pytest.CaptureFixture[str]) -> str:
    return re.sub(" +", " ", capsys.readouterr().out)


def test_a_folder_and_a_run_of_this_workspace(workspace, capsys):
    compare(["one", "nsmc-2"], as_json=False)
    shown = lines(capsys)
    assert "copa 5-shot 0.5100 [0.480, 0.540] 0.5800 [0.550, 0.610]" in shown
    assert "pretrain.steps 400 500" in shown
    assert "pretrain.lr" not in shown and "validation_loss" not in shown


def test_a_run_of_mlflow_by_name_and_by_id(workspace, capsys):
    client = MlflowClient(tracking_uri())
    experiment = client.create_experiment(EXPERIMENT, (workspace / "artifacts").as_uri())
    run = client.create_run(experiment, run_name="nsmc-3").info.run_id
    files.write_json(workspace / "run.json", summary("nsmc-3", 0.6, 600))
    client.log_artifact(run, str(workspace / "run.json"))
    compare(["nsmc-3", run, "one"], as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["params"] == {"pretrain.steps": [600, 600, 400]}
    assert found["about"]["run"] == ["nsmc-3", "nsmc-3", "nsmc-1"]


def test_a_run_that_is_nowhere(workspace):
    with pytest.raises(PolyglotError, match=r"There is no run nsmc-9 with a run\.json"):
        compare(["one", "nsmc-9"], as_json=False)


def test_one_run_is_too_few(workspace):
    with pytest.raises(PolyglotError, match="Name two runs or more"):
        compare(["one"], as_json=False)
