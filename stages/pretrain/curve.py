"""Lines of JSON, one a point of the curve, each step once even when training was resumed."""

import json
import os
from pathlib import Path
from typing import Any


class Lines:
    """A JSONL file to append to; every line has a ``step``."""

    def __init__(self, path: Path, last_step: int) -> None:
        """Open ``path``, dropping what was written after ``last_step``, and a torn last line."""
        kept = [line for line in read(path) if line["step"] <= last_step]
        partial = path.with_suffix(".partial")
        partial.write_text("".join(map(_line, kept)), encoding="utf-8")
        partial.replace(path)
        self.path = path

    def append(self, line: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(line))

    def sync(self) -> None:
        """Put the lines on the disk, so that a checkpoint never knows more than they do."""
        with self.path.open("a", encoding="utf-8") as file:
            os.fsync(file.fileno())


def read(path: Path) -> list[dict[str, Any]]:
    """The whole lines of ``path``; none if there is no such file."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


def _line(line: dict[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False) + "\n"
