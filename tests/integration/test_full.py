"""The whole pipeline as it runs on a cluster: Prefect, MLflow on Postgres and S3, jobs of Slurm.

``POLYGLOT_FULL=1`` runs profile ``smoke`` as it is, which takes some minutes more.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from mlflow import MlflowClient
from moto.server import ThreadedMotoServer

from runtime import files
from tests.conftest import on_one_node
from tests.integration.conftest import SMALL, Workspace
from tests.integration.postgres import postgres
from tests.integration.services import free_port, started

pytestmark = [pytest.mark.slow, pytest.mark.service]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """An S3 of this machine with a bucket ``mlflow``: the environment of its clients."""
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    clients = {
        "MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in clients.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}").create_bucket(Bucket="mlflow")
    yield clients
    server.stop()


def test_from_raw_text_to_a_registered_model(
    cluster: None, store: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "workspace")
    on_one_node(workspace.folder / "infra/launch/slurm.yaml")
    small = [*SMALL, "gates.evaluation.max_constant=null"]
    overrides = [] if os.environ.get("POLYGLOT_FULL") else small

    with (
        postgres() as database,
        started(
            workspace,
            **store,
            POLYGLOT_LAUNCH="slurm",
            MLFLOW_BACKEND_STORE_URI=f"postgresql://{database}/mlflow",
            PREFECT_API_DATABASE_CONNECTION_URL=f"postgresql+asyncpg://{database}/prefect",
            MLFLOW_ARTIFACTS_DESTINATION="s3://mlflow/artifacts",
        ) as services,
    ):
        run = services.run("polyglot/full", profile="smoke", overrides=overrides)
        state = services.ended(run, 1500)
        assert state["type"] == "COMPLETED", services.logs(run)
        assert set(services.tasks(run).values()) == {"Ran"}
        for stage in ("pretrain", "gate@model", "evaluate"):
            log = (workspace.folder / f"logs/{stage}.log").read_text()
            assert "Slurm job" in log and "is submitted" in log

        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "reviewer")
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", services.password)
        client = MlflowClient(f"http://127.0.0.1:{services.mlflow_port}")
        version = client.get_model_version_by_alias("polyglot-ko-smoke", "champion")
        assert version.tags["corpus"]
        weights = client.list_artifacts(version.run_id, "release")
        assert "release/model.safetensors" in {artifact.path for artifact in weights}
        folder = client.download_artifacts(version.run_id, "release", str(tmp_path))
        release = workspace.folder / "data/release/model.safetensors"
        assert files.sha256(Path(folder) / "model.safetensors") == files.sha256(release)
        record = client.get_run(version.run_id)
        assert record.data.tags["gates"] == "passed 5"
        assert "KOBEST, macro F1" in record.data.tags["mlflow.note.content"]

        again = services.run("polyglot/retrain")
        assert services.ended(again)["name"] == "NothingNew"
        assert "There is no new data" in services.state(again)["message"]

    jobs = subprocess.run(["squeue", "--noheader"], capture_output=True, text=True, check=True)
    assert jobs.stdout == ""
