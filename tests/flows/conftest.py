"""A small DVC project for the runner and the flow."""

from pathlib import Path

import pytest
from dvc.repo import Repo

PARAMS = """
profile: smoke
evaluate:
  {data: null, tasks: [copa], shots: [0], limit: 1, prompts: polyglot, batch_tokens: null,
  dtype: float32}
"""

GRAPH = """
stages:
  first:
    cmd: cat in.txt > first.txt
    deps: [in.txt]
    outs: [first.txt]
  report:
    cmd: {command}
    deps: [first.txt]
    outs: [report.txt]
  aside:
    cmd: "false"
"""


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A DVC project of two stages, without git."""
    monkeypatch.chdir(tmp_path)
    Repo.init(no_scm=True).close()
    (tmp_path / "infra/launch").mkdir(parents=True)
    (tmp_path / "infra/launch/local.yaml").write_text(
        "{workers: 1, processes: 1, grace: 5, patience: 60}"
    )
    (tmp_path / "in.txt").write_text("1")
    write_graph(tmp_path, "cat first.txt > report.txt")
    return tmp_path


def write_graph(project: Path, command: str) -> None:
    """The graph, with ``command`` as what its last stage does."""
    (project / "dvc.yaml").write_text(GRAPH.format(command=command))
