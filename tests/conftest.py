"""Shared fixtures."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"  # nothing leaves this machine

settings.register_profile("any machine", deadline=None)  # no test depends on how fast it is
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parent.parent


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
