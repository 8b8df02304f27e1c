"""Files written whole or not at all: a temporary name, fsync, rename."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from runtime.errors import PolyglotError

UNFINISHED = re.compile(r"\..+\.\d+")  # the name of a file that write_text has not finished


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON, keys in the order given."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        PolyglotError: the file is missing or is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PolyglotError(f"{path} is missing: run the stage that writes it first.") from None
    except ValueError as error:
        raise PolyglotError(f"{path} is not valid JSON ({error}).") from None


def fsync_tree(folder: Path) -> None:
    """Flush every file and folder below ``folder`` to the disk."""
    for root, _, names in os.walk(folder, topdown=False):
        for path in [*(os.path.join(root, name) for name in names), root]:
            fsync(Path(path))


def fsync(path: Path) -> None:
    """Flush a file, or a folder's list of files, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def size(folder: Path) -> int:
    """Bytes of all files below ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def publish(partial: Path, final: Path) -> None:
    """Make the finished folder ``partial`` appear as ``final``, replacing what stood there.

    What a killed ``write_text`` left in it is not published.
    """
    for path in partial.rglob(".*"):
        if UNFINISHED.fullmatch(path.name):
            path.unlink()
    fsync_tree(partial)
    if final.exists():
        shutil.rmtree(final)
    final.parent.mkdir(parents=True, exist_ok=True)
    partial.rename(final)


def link(source: str | Path, target: str | Path) -> None:
    """A second name for a file, or a copy where the disk has no links or is another."""
    try:
        os.link(Path(source).resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
