"""A sample corpus with many defects and numbers, made once."""

from pathlib import Path

import pytest

from runtime.progress import Progress
from stages.corpus.params import KobestSizes, SampleParams
from stages.corpus.sample import make

PARAMS = SampleParams(
    seed=7,
    documents=1500,
    defects=0.2,
    pii=0.3,
    lookalikes=0.2,
    kobest=KobestSizes(train=20, validation=8, test=40),
)


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "sample"
    make(PARAMS, Progress(None), folder)
    return folder
