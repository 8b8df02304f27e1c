"""How many workers run side by side shows in no byte of what the data stages write."""

import shutil

import pytest

from tests.integration import corpus
from tests.integration.conftest import Workspace

pytestmark = pytest.mark.slow


def test_one_two_and_four_workers_write_the_same_bytes(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    corpus.prepare(workspace, 3000)
    written = []
    for workers in ("1", "2", "4"):
        for stage in corpus.STAGES:
            shutil.rmtree(workspace.folder / "data" / stage, ignore_errors=True)
            corpus.run(workspace, stage, POLYGLOT_WORKERS=workers)
        written.append(corpus.digests(workspace, corpus.STAGES))
    assert written[0] == written[1] == written[2]
    assert any(name.startswith("data/mask/documents/") for name in written[0])
