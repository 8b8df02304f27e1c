"""KOBEST of a model as a Prefect flow."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.service]

RUN = """
import json, sys
from pathlib import Path

from prefect import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

from flows import evaluate

evaluate.ROOT = Path.cwd()
with get_client(sync_client=True) as client:
    state = evaluate.evaluate("model", [0, 1], ["sentineg"], "kobest", return_state=True)
    of_run = ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id])
    shown = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=of_run))
print(json.dumps({"state": state.name, "tables": [json.loads(a.data) for a in shown]}))
"""


def test_scores_become_an_artifact(
    model: str, prefect_server: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "kobest/sentineg"
    folder.mkdir(parents=True)
    for split in ("train", "test"):
        lines = (json.dumps({"sentence": f"글{n}", "label": n % 2}) + "\n" for n in range(4))
        (folder / f"{split}.jsonl").write_text("".join(lines))
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=tmp_path,
        env={**os.environ, **prefect_server, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["state"] == "Completed"
    [[row]] = told["tables"]
    assert row["task"] == "sentineg" and set(row) == {"task", "0-shot", "1-shot"}
    assert (tmp_path / "reports/kobest.json").is_file()
