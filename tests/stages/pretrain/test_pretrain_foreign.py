"""Checkpoints are read without running anything that is in them."""

import os
import pickle
from pathlib import Path

import pytest
import torch

from stages.pretrain.snapshot import Snapshots, foreign


class Command:
    """What an attacker would put into a checkpoint."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.file}",)


def test_a_command_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "mp_rank_00_model_states.pt"
    torch.save({"module": torch.ones(2), "more": Command(tmp_path / "touched")}, path)
    with pytest.raises(pickle.UnpicklingError):
        Snapshots().load(str(path))
    assert foreign(tmp_path) == ["posix.system"]
    assert not (tmp_path / "touched").exists()
