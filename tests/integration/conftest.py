"""The whole pipeline, made as small as its gates allow, in workspaces of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT, heed_ctrl_c

SMALL = [
    "sample.documents=1500",
    "sample.kobest={train: 20, validation: 10, test: 20}",
    "tokenizer.vocab_size=1500",
    "pretrain.model.layers=2",
    "pretrain.model.hidden_size=64",
    "pretrain.model.intermediate_size=256",
    "pretrain.steps=40",
    "pretrain.checkpoints.every=10",
    "pretrain.eval_every=20",
    "pretrain.eval_sequences=8",
    "gates.tokens.min_train_tokens=10000",
    "gates.evaluation.min_margin=null",
]


class Workspace:
    """A copy of the project's tracked files, to run the command line in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tracked = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in tracked.stdout.splitlines():
            if (ROOT / name).is_file() and name != "dvc.lock":
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        (folder / ".dvc/config.local").write_text("[core]\n    no_scm = true\n")

    def start(self, *words: str) -> subprocess.Popen:
        """Start ``polyglot`` in the workspace, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *words],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "COLUMNS": "160", "OMP_NUM_THREADS": "1"},
            start_new_session=True,
            preexec_fn=heed_ctrl_c,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run ``polyglot`` to its end: exit code and what it printed."""
        process = self.start(*words)
        printed, _ = process.communicate()
        return process.returncode, printed

    def processes(self) -> list[list[str]]:
        """The command lines of all processes that work in the workspace."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.cwd() == str(self.folder) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process.cmdline())
            except psutil.Error:
                continue
        return [words for words in found if "flows.cli" not in words]


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "workspace")
