"""Where the raw files of the sources lie, and how they are dealt to the tasks."""

import fnmatch
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runtime.errors import PolyglotError
from stages.ingest.formats import format_of
from stages.ingest.params import CorpusParams
from stages.ingest.sources import Layout, Source, known, load
from stages.ingest.streams import suffix

BLOCK = 1 << 28  # bytes; a larger file of lines is dealt in blocks of this size
IN_BLOCKS = ("text", "tsv", "jsonl")  # formats in which every line break ends a record


@dataclass(frozen=True)
class RawFile:
    """A file to read, or a block of a large one; ``name`` is its path below the source's folder."""

    source: str
    name: str
    path: Path
    layout: Layout
    size: int  # bytes on disk, of the block if it is one
    changed: int = 0  # time of change, nanoseconds
    block: int | None = None  # its number, from 0: the lines that begin in its BLOCK bytes


def folder(source: Source, corpus: CorpusParams) -> Path:
    """Where a source lies: its own folder in the root, or the root if it is the only source.

    Raises:
        PolyglotError: there is no such folder.
    """
    root = Path(corpus.root)
    if not root.is_dir():
        raise PolyglotError(f"The folder {root} (corpus.root) does not exist.")
    for name in source.folders:
        if (root / name).is_dir():
            return root / name
    if len(corpus.sources) == 1:
        return root
    wanted = " or ".join(source.folders)
    raise PolyglotError(
        f"{root} has no folder {wanted} for the source {source.name}. {source.missing}"
    )


def raw_files(corpus: CorpusParams) -> list[RawFile]:
    """All files of the corpus, in the order of sources and names.

    Raises:
        PolyglotError: a source is unknown or has no folder or no file that a layout matches.
    """
    if not corpus.sources:
        raise PolyglotError(f"corpus.sources is empty: known sources are {', '.join(known())}.")
    found = []
    for name in corpus.sources:
        source = load(name)
        base = folder(source, corpus)
        files = files_of(source, base)
        if not files:
            globs = " or ".join(glob for layout in source.layouts for glob in layout.files)
            raise PolyglotError(
                f"{base} has no file for the source {name}: expected {globs}. {source.missing}"
            )
        found += files
    return found


def files_of(source: Source, base: Path) -> list[RawFile]:
    """The files of a source below ``base``, in the order of their names.

    Of the forms in which a publisher ships the same text, only the first that is there is read. A
    folder that cannot be listed counts as a file that cannot be read.
    """
    forms: dict[str, list[RawFile]] = {layout.form: [] for layout in source.layouts}
    unlisted = []
    for name, is_folder in _listing(base):
        if is_folder:
            unlisted.append(RawFile(source.name, name, base / name, source.layouts[0], 0))
            continue
        layout = next((one for one in source.layouts if matches(name, one.files)), None)
        if layout:
            forms[layout.form] += _blocks(source.name, name, base / name, layout)
    found = next(filter(None, forms.values()), [])
    return sorted([*found, *unlisted], key=lambda file: (file.name, file.block or 0))


def matches(name: str, globs: list[str]) -> bool:
    """Whether a path fits a glob, with or without the suffix of its compression.

    ``**/`` stands for any number of folders; capitals do not matter.
    """
    packed = suffix(name)
    names = (name, name[: -len(packed)]) if packed else (name,)
    return any(_pattern(glob).fullmatch(one) for glob in globs for one in names)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    folders = [fnmatch.translate(part).removesuffix(r"\Z") for part in glob.split("**/")]
    return re.compile("(?:.*/)?".join(part.replace(".*", "[^/]*") for part in folders), re.I)


def _listing(base: Path) -> Iterator[tuple[str, bool]]:
    """Files below ``base``, and as folders those that cannot be listed.

    Links to folders are followed, each folder once. Hidden files and folders are left out.
    """
    failed: list[OSError] = []
    seen = set()
    for root, folders, names in os.walk(base, onerror=failed.append, followlinks=True):
        status = os.stat(root)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith("."):
                yield os.path.relpath(os.path.join(root, name), base), False
    for error in failed:
        yield os.path.relpath(error.filename, base), True


def _blocks(source: str, name: str, path: Path, layout: Layout) -> list[RawFile]:
    """The file, or its blocks if it is a large one of lines."""
    try:
        status = path.stat()
    except OSError:  # gone, a dangling link: the reader will say so
        return [RawFile(source, name, path, layout, 0)]
    if not stat.S_ISREG(status.st_mode):  # a pipe or a socket would never end
        return []
    size, changed = status.st_size, status.st_mtime_ns
    if size <= BLOCK or suffix(name) or format_of(name, layout.format) not in IN_BLOCKS:
        return [RawFile(source, name, path, layout, size, changed)]
    return [
        RawFile(source, name, path, layout, min(BLOCK, size - start), changed, start // BLOCK)
        for start in range(0, size, BLOCK)
    ]


def assign(found: list[RawFile], shards: int) -> list[list[RawFile]]:
    """Runs of neighbouring files of about the same size, one for each shard.

    Neighbours, so that the order of shards is the order of files.
    """
    tasks = min(shards, len(found))
    total = sum(file.size for file in found) or 1
    assigned: list[list[RawFile]] = [[] for _ in range(tasks)]
    before = 0
    for file in found:
        middle = before + file.size / 2
        assigned[min(int(middle * tasks / total), tasks - 1)].append(file)
        before += file.size
    return assigned
