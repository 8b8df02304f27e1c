"""A tracking server that dies in the midst of a run, and is there again the next day."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.conftest import SMALL, Workspace
from tests.integration.services import free_port, mlflow_server

pytestmark = [pytest.mark.slow, pytest.mark.service]


def end(server: subprocess.Popen) -> None:
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def test_nothing_is_lost_and_no_step_is_there_twice(workspace: Workspace, tmp_path: Path) -> None:
    from mlflow import MlflowClient

    port = free_port()
    server = mlflow_server(tmp_path, port)
    os.environ["MLFLOW_TRACKING_URI"] = f"http://127.0.0.1:{port}"
    try:
        steps = ["pretrain.steps=200", "pretrain.log_every=1"]
        pipeline = workspace.start(
            *("run", "--profile", "smoke", "--target", "export", *SMALL, *steps)
        )
        progress = workspace.folder / ".polyglot/progress/pretrain.json"
        while not progress.exists() or json.loads(progress.read_text())["done"] < 20:
            assert pipeline.poll() is None, pipeline.communicate()[0]
            time.sleep(0.1)
        end(server)
        printed, _ = pipeline.communicate()
        assert pipeline.returncode == 0, printed
        assert "records wait for MLflow: `polyglot sync` sends them" in printed
        code, printed = workspace.run("sync")
        assert code == 1 and "did not take the records" in printed

        server = mlflow_server(tmp_path, port)
        code, printed = workspace.run("sync")
        assert code == 0 and ", 0 wait" in printed
        assert ", 0 wait" in workspace.run("sync")[1]

        client = MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
        experiment = client.get_experiment_by_name("polyglot-ko")
        assert experiment
        runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
        stages = {name for name in runs if not name.startswith("smoke-")}
        assert {"ingest", "gate@tokens", "pretrain", "export"} <= stages
        assert {run.info.status for run in runs.values()} == {"FINISHED"}
        losses = client.get_metric_history(runs["pretrain"].info.run_id, "loss")
        assert [metric.step for metric in losses] == list(range(1, 201))
        (parent,) = (run for name, run in runs.items() if name.startswith("smoke-"))
        assert {dataset.dataset.name for dataset in parent.inputs.dataset_inputs} == {
            "corpus",
            "tokens",
        }
        assert parent.data.tags["gates"] == "passed 3"
    finally:
        del os.environ["MLFLOW_TRACKING_URI"]
        end(server)
