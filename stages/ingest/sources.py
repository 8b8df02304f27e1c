"""The registry of sources, ``conf/sources/<name>.yaml``, and where their files lie."""

from dataclasses import dataclass
from pathlib import Path

from omegaconf import OmegaConf

from runtime import params, paths
from runtime.errors import PolyglotError
from stages.ingest.formats import FORMATS
from stages.ingest.params import CorpusParams


@dataclass
class Layout:
    """How the files of one kind are read."""

    glob: str  # relative to the source's folder
    format: str  # text, tsv, csv, jsonl, json or parquet; .gz, .zst and .zip are opened first
    text: list[str]  # paths of the fields that make the text, joined by newlines; see formats.py
    id: str | None  # path of the source's own id, kept in the metadata
    records: str | None  # json only: path of the list of records; null: the file itself


@dataclass
class Source:
    name: str
    title: str
    published_gb: float  # size on the Polyglot-Ko model card; 1.0 where the card says "< 1.0"
    licence: str
    obtain: str  # how to get it
    folders: list[str]  # names that its folder may have
    layouts: list[Layout]  # in order of preference; see raw_files


@dataclass(frozen=True)
class RawFile:
    """One file to read; ``name`` is its path relative to the source's folder."""

    source: str
    name: str
    path: Path
    layout: Layout
    size: int  # bytes on disk


def known() -> list[str]:
    """Names of all sources in the registry."""
    return sorted(path.stem for path in paths.SOURCES.glob("*.yaml"))


def load(name: str) -> Source:
    """The registry's entry for a source.

    Raises:
        PolyglotError: there is none, or it is not well formed.
    """
    path = paths.SOURCES / f"{name}.yaml"
    if not path.exists():
        raise PolyglotError(f"Unknown source {name!r}: known are {', '.join(known())}.")
    source = params.typed(str(path), OmegaConf.load(path), Source)
    for layout in source.layouts:
        if layout.format not in FORMATS:
            formats = ", ".join(FORMATS)
            raise PolyglotError(f"{path}: unknown format {layout.format!r}: known are {formats}.")
    return source


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
    raise PolyglotError(f"{root} has no folder {wanted} for the source {source.name}.")


def raw_files(corpus: CorpusParams) -> list[RawFile]:
    """All files of the corpus, in the order of sources and names.

    The layouts of a source are alternatives, for publishers ship the same text in several forms
    (as archives and unpacked, whole and in splits): its files are those of the first layout that
    matches any, and the others are left alone.

    Raises:
        PolyglotError: a source is unknown or has no folder or no file that a layout matches.
    """
    if not corpus.sources:
        raise PolyglotError(f"corpus.sources is empty: known sources are {', '.join(known())}.")
    found = []
    for name in corpus.sources:
        source = load(name)
        base = folder(source, corpus)
        forms = (_matching(name, base, layout) for layout in source.layouts)
        files = next(filter(None, forms), [])
        if not files:
            globs = " or ".join(layout.glob for layout in source.layouts)
            raise PolyglotError(f"{base} has no file for the source {name}: expected {globs}.")
        found += files
    return found


def _matching(source: str, base: Path, layout: Layout) -> list[RawFile]:
    """The files in ``base`` that have one layout, in the order of their names."""
    return [
        RawFile(source, path.relative_to(base).as_posix(), path, layout, path.stat().st_size)
        for path in sorted(base.glob(layout.glob))
        if path.is_file()
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
