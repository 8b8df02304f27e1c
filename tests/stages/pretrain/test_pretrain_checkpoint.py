"""Which checkpoints stay."""

from pathlib import Path

import pytest

from stages.pretrain.checkpoint import kept
from stages.pretrain.params import CheckpointParams


@pytest.mark.parametrize(
    "keep, keep_every, max_gb, steps",
    [
        (2, None, None, [50, 60]),
        (1, 20, None, [20, 40, 60]),
        (2, 30, None, [30, 50, 60]),
        (3, 20, 0.0035, [40, 50, 60]),  # of 1 MB each
        (3, None, 0.0001, [60]),
    ],
)
def test_the_newest_stay_and_some_of_the_others_within_a_size(
    tmp_path: Path, keep: int, keep_every: int | None, max_gb: float | None, steps: list[int]
) -> None:
    whole = [tmp_path / f"step-{step:06d}" for step in range(10, 61, 10)]
    for folder in whole:
        folder.mkdir()
        (folder / "weights").write_bytes(bytes(1_000_000))
    params = CheckpointParams(10, keep, keep_every, max_gb, background=True)
    assert [int(folder.name[5:]) for folder in kept(whole, params)] == steps
