"""The documents say what the project does."""

import subprocess
import sys

import yaml

from tests.conftest import ROOT


def test_the_picture_of_the_graph_is_that_of_dvc() -> None:
    words = [sys.executable, "-m", "dvc", "dag", "--mermaid"]
    drawn = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"```mermaid\n{drawn.rstrip()}\n```" in (ROOT / "docs/architecture.md").read_text()


def test_every_deployment_is_told_and_its_parameters_are_the_flow_s() -> None:
    from flows.evaluate import evaluate
    from flows.polyglot import polyglot

    told = (ROOT / "docs/operation.md").read_text()
    flows = {"flows.polyglot.polyglot": polyglot, "flows.evaluate.evaluate": evaluate}
    for deployment in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]:
        flow = flows[deployment["entrypoint"]]
        assert f"`{flow.name}/{deployment['name']}`" in told
        described = flow.parameters.properties
        assert set(deployment["parameters"]) <= set(described)
        assert all(described[name].get("description") for name in described)
