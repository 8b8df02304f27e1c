"""Projects to train in."""

from pathlib import Path

import pytest
from pretrain_project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A training of two processes that nothing disturbed, not even a dead tracking server."""
    project = Project(tmp_path_factory.mktemp("trained"))
    code, output = project.run(MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    assert code == 0, output
    return project
