"""Shared fixtures."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from hypothesis import settings

os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"  # nothing leaves this machine
if "PYTEST_XDIST_WORKER" in os.environ:  # tests share the processors
    os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("any machine", deadline=None)  # no test depends on how fast it is
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parent.parent
CLUSTER = ROOT / "infra/slurm/cluster"


def heed_ctrl_c() -> None:
    """For a child just forked: a shell's background job would hand down an ignored SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def real_data() -> Path:
    """The folder of real corpora and of the real KOBEST, or a skip that says so."""
    folder = Path(os.environ.get("POLYGLOT_DATA", ROOT / "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set POLYGLOT_DATA")
    return folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Slurm of one node, chosen by SLURM_CONF."""
    if not shutil.which("slurmctld") or not shutil.which("munged"):
        pytest.skip("Slurm is not installed: apt-get install slurm-wlm munge")
    if os.getuid() != 0:
        pytest.skip("only root can start Slurm's daemons")
    with FileLock(Path(tempfile.gettempdir()) / "polyglot-slurm.lock"):  # one on the machine
        folder = tmp_path_factory.mktemp("slurm")
        before = {process.pid for process in psutil.process_iter()}
        subprocess.run([CLUSTER, "start", folder], check=True)
        os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
        try:
            yield
        finally:
            del os.environ["SLURM_CONF"]
            subprocess.run([CLUSTER, "stop", folder], check=True)
        assert not folder.exists()
        left = [process for process in psutil.process_iter() if process.pid not in before]
        assert [
            process.name() for process in left if "slurm" in process.name() and lives(process)
        ] == []


def on_one_node(launch: Path) -> None:
    """Make infra/launch/slurm.yaml fit the cluster of this machine: a node, two ranks on CPUs."""
    text = launch.read_text()
    for words, ours in {
        "nodes: 32": "nodes: 1",
        "gpus: 8 ": "gpus: 0 ",
        "cpus: 8 ": "cpus: 1 ",
        "sbatch: [--exclusive]": "sbatch: []",
        "grace: 300": "grace: 20",
        "processes: null": "processes: 2",
    }.items():
        assert words in text
        text = text.replace(words, ours)
    launch.write_text(text)


def lives(process: psutil.Process) -> bool:
    """Whether a process runs, not waiting for its parent to take note of its end."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
