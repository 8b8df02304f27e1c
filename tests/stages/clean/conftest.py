from pathlib import Path

import pytest
from omegaconf import OmegaConf

from runtime import params
from stages.clean import CleanParams

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def clean_params() -> CleanParams:
    """The thresholds in conf/config.yaml."""
    section = OmegaConf.load(ROOT / "conf/config.yaml").clean
    return params.typed("clean", section, CleanParams)
