from pathlib import Path

import pytest

from flows import follow, pipeline
from flows.follow import Follower
from runtime.progress import Progress
from runtime.stage import progress_file


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = pipeline.log_file("clean")
    path.parent.mkdir()
    return path


def test_whole_lines_are_told_once_and_the_last_at_the_end(log: Path) -> None:
    told: list[str] = []
    follower = Follower("clean", told.append)
    follower.look()
    log.write_bytes("Running stage 'clean':\nerste\n한글 half".encode())
    follower.look()
    assert told == ["erste"]
    with log.open("ab") as file:
        file.write(b" done\n\nthe end")
    follower.look()
    assert told == ["erste", "한글 half done"]
    follower.end()
    assert told == ["erste", "한글 half done", "the end"]


def test_bars_are_folded_into_a_word_on_the_progress(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    follower = Follower("clean", told.append)
    log.write_bytes(b" 10%|#   | 1/10\r 20%|##  | 2/10\r\nnext\n")
    progress = Progress(progress_file("clean"))
    progress.start(10, "steps")
    follower.look()
    assert told == ["next"]
    monkeypatch.setattr(follow, "EVERY", 0.0)
    follower.look()
    follower.look()
    assert told == ["next", "0 / 10 steps"]  # and not again while nothing has moved


def test_a_split_letter_is_told_whole(log: Path) -> None:
    told: list[str] = []
    follower = Follower("clean", told.append)
    letter = "한\n".encode()
    log.write_bytes(letter[:2])
    follower.look()
    log.write_bytes(letter)
    follower.look()
    assert told == ["한"]
