"""Shared fixtures."""

import os
from pathlib import Path

import pytest

os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"  # nothing leaves this machine

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def real_data() -> Path:
    """The folder of real corpora and of the real KOBEST, or a skip that says so."""
    folder = Path(os.environ.get("POLYGLOT_DATA", ROOT / "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set POLYGLOT_DATA")
    return folder
