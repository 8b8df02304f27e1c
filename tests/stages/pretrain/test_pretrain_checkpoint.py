"""Every file of a checkpoint is flushed and summed by the process that wrote it."""

from pathlib import Path

from runtime import files
from stages.pretrain.checkpoint import flushed, others


def test_every_process_sums_its_own_files(tmp_path: Path) -> None:
    own = {
        0: ["mp_rank_00_model_states.pt", "rng-0.pt", "zero_pp_rank_0_mp_rank_00_optim_states.pt"],
        1: ["bf16_zero_pp_rank_1_mp_rank_00_optim_states.pt", "rng-1.pt"],
        12: ["bf16_zero_pp_rank_12_mp_rank_00_optim_states.pt", "rng-12.pt"],
    }
    for rank, names in own.items():
        for name in names:
            (tmp_path / name).write_text(f"{rank} {name}")
    for rank, names in own.items():
        assert flushed(tmp_path, rank) == {name: files.sha256(tmp_path / name) for name in names}


def test_checkpoints_of_another_configuration_are_named(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.mkdir()
    assert others(mine) is None
    other.mkdir()
    (other / "weights").write_bytes(bytes(20_000_000))
    assert others(mine) == (
        f"Checkpoints of another configuration lie in {other}: 0.02 GB; "
        "remove them when they are no longer needed."
    )
