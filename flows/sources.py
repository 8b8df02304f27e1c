"""The sources of the registry as a user sees them: which are there, and how to get the others."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from flows.download import Watch
from flows.fetch import KEPT, Fetched, can_be_fetched, fetch
from runtime import params, paths
from runtime.errors import PolyglotError
from stages.ingest.params import CorpusParams
from stages.ingest.raw import files_of, folder
from stages.ingest.sources import Source, known, load

PIPE_WIDTH = 1_000  # characters: where nobody looks at a terminal, a source is one line


@dataclass(frozen=True)
class Listing:
    """A source, and what of it lies below corpus.root."""

    source: Source
    in_corpus: bool
    files: int
    bytes: int


def listings(corpus: CorpusParams) -> list[Listing]:
    """All sources of the registry, the largest first, with the files that ingest would read.

    Raises:
        PolyglotError: an entry of the registry cannot be read, or ``corpus`` names an unknown one.
    """
    sources = [load(name) for name in dict.fromkeys([*known(), *corpus.sources])]
    sources.sort(key=lambda source: (-source.published_gb, source.name))
    return [_listing(source, corpus) for source in sources]


def _listing(source: Source, corpus: CorpusParams) -> Listing:
    in_corpus = source.name in corpus.sources
    try:
        base = folder(source, corpus if in_corpus else replace(corpus, sources=[]))
    except PolyglotError:
        return Listing(source, in_corpus, 0, 0)
    found = files_of(source, base)
    return Listing(
        source, in_corpus, len({file.path for file in found}), sum(file.size for file in found)
    )


def listed(root: str | None, *, as_json: bool) -> None:
    """Print the sources below ``root`` (none: corpus.root in force), for people or machines."""
    corpus = _corpus(root)
    found = listings(corpus)
    if as_json:
        print(json.dumps([_fields(line) for line in found], ensure_ascii=False, indent=2))
    else:
        _show(found, corpus)


def _corpus(root: str | None) -> CorpusParams:
    corpus = params.load("corpus", CorpusParams)
    return replace(corpus, root=root) if root else corpus


def _show(found: list[Listing], corpus: CorpusParams) -> None:
    """A table of the sources, and below it how to get each."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPE_WIDTH)
    table = Table("source", "in corpus", "files", "size", "published", "licence", box=None)
    for column in table.columns[2:5]:
        column.justify, column.no_wrap = "right", True
    ways = Table("source", "how to get it", box=None)
    for line in found:
        source = line.source
        there = [str(line.files), decimal(line.bytes)] if line.files else ["missing", ""]
        style = "" if line.files else "red" if line.in_corpus else "dim"
        table.add_row(
            source.name,
            "yes" if line.in_corpus else "no",
            Text(there[0], style=style),
            there[1],
            f"{source.published_gb:.1f} GB",
            Text(source.licence),
        )
        ways.add_row(source.name, Text(source.obtain if line.files else source.missing))
    console.print(table, "", ways, sep="\n")
    console.print(Text(f"\nLooked for in {corpus.root}, a folder each."), soft_wrap=True)


def _fields(line: Listing) -> dict[str, object]:
    source = line.source
    return {
        "name": source.name,
        "title": source.title,
        "in_corpus": line.in_corpus,
        "files": line.files,
        "bytes": line.bytes,
        "published_gb": source.published_gb,
        "licence": source.licence,
        "access": source.access.value,
        "obtain": source.obtain,
        "missing": source.missing,
        "can_be_fetched": can_be_fetched(source),
    }


def bring(name: str, root: str | None) -> None:
    """Fetch a source into ``root`` (none: corpus.root in force) and say what came.

    Raises:
        PolyglotError: the source is unknown, is not to be fetched, or did not come whole.
    """
    source, into = load(name), Path(_corpus(root).root)
    if can_be_fetched(source) and into.resolve().is_relative_to(paths.SAMPLE.resolve()):
        raise PolyglotError(
            f"corpus.root is the embedded sample ({into}), which is made anew by every change of "
            "it: name a folder of your own with --root DIR."
        )
    console = Console()
    with _bars(console) as bars:
        for file in fetch(source, into, bars):
            console.print(Text(_told(file)), soft_wrap=True)
    if not _listing(source, CorpusParams(str(into), [name], 1)).files:
        note = f"None of these files is read as it is. {source.missing}"
        console.print(Text(note), soft_wrap=True)


def _told(file: Fetched) -> str:
    note = ", since no fetch brought it" if file.state == KEPT else ""
    return f"{file.path}: {file.state}{note}"


@contextmanager
def _bars(console: Console) -> Iterator[Callable[[str], Watch]]:
    """A bar for each file that comes."""
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=console) as progress:

        def begin(path: str) -> Watch:
            task = progress.add_task(Path(path).name, total=None)
            return lambda done, total: progress.update(task, completed=done, total=total)

        yield begin
