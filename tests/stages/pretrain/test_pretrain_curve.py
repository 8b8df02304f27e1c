"""A resumed training has every step once in its curve."""

from pathlib import Path

from stages.pretrain.curve import Lines, read


def test_lines_after_the_checkpoint_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "curve.jsonl"
    lines = Lines(path, last_step=-1)
    for step in (0, 2, 4, 6):
        lines.append({"step": step, "loss": 1.0})
    Lines(path, last_step=4).append({"step": 6, "loss": 2.0})
    assert [(line["step"], line["loss"]) for line in read(path)][2:] == [(4, 1.0), (6, 2.0)]


def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "curve.jsonl"
    path.write_text('{"step": 1}\n{"step": 2, "lo')
    Lines(path, last_step=10)
    assert read(path) == [{"step": 1}]


def test_a_fresh_training_begins_an_empty_curve(tmp_path: Path) -> None:
    path = tmp_path / "curve.jsonl"
    path.write_text('{"step": 0}\n')
    Lines(path, last_step=-1)
    assert read(path) == []
