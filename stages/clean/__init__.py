"""Documents mended, and those that are no Korean text to learn from dropped.

First the repairs, which change texts and drop nothing, then the filters, which drop documents and
change nothing. Writes ``documents/``, ``rejected/<reason>/`` (what was dropped, if
``clean.keep_rejects``; the text as it was then) and ``ledger.json`` to ``data/clean``; the ledger's
extra figures count what the repairs did.
"""

from dataclasses import asdict
from pathlib import Path

from datatrove.pipeline.base import PipelineStep

from runtime import documents, executor, files, paths
from runtime.documents import DocumentReader, DocumentWriter
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.clean import filters, repairs
from stages.clean.filters.base import TextFilter
from stages.clean.params import CleanParams
from stages.clean.repairs.base import Repair

__all__ = ["CleanParams", "all_filters", "all_repairs", "clean"]


def all_repairs(params: CleanParams, ledger: Ledger) -> list[Repair]:
    """In an order in which none undoes another: on text as people write it, running them all again
    changes nothing."""
    return [
        repairs.Markup(ledger),
        repairs.Encoding(ledger),  # before control characters go, some of which are its bytes
        repairs.Characters(ledger),
        repairs.Spaces(ledger),
        repairs.Code(ledger),
        repairs.Boilerplate(ledger, params.max_boilerplate_characters),
        repairs.Repeats(ledger, params.max_repeats),
        repairs.SpecialTokens(ledger),
    ]


def all_filters(params: CleanParams, ledger: Ledger, rejected: Path | None) -> list[TextFilter]:
    """The cheap ones first; a document is counted under the first reason that is found."""
    return [
        filters.Length(ledger, rejected, params.min_characters, params.max_characters),
        filters.Broken(ledger, rejected, params.max_broken_share),
        filters.Script(ledger, rejected, params.min_hangul_share, params.max_symbol_share),
        filters.WordLength(ledger, rejected, params.word_characters),
        filters.Lines(ledger, rejected, params.lines),
        filters.RepeatedLines(ledger, rejected, params.repetition),
        filters.RepeatedNgrams(ledger, rejected, params.repetition),
    ]


def clean(
    params: CleanParams,
    progress: Progress,
    source: Path = paths.INGEST,
    final: Path = paths.CLEAN,
) -> None:
    """Clean the documents of ``source`` into ``final``.

    Raises:
        PolyglotError: ``source`` holds no documents, or a shard of it is damaged.
    """
    inputs = documents.shards(source / "documents")
    folder = Path(__file__).parent
    code = sorted([*folder.rglob("*.py"), *folder.rglob("*.yaml")])
    with executor.workspace(final, executor.fingerprint(asdict(params), [*inputs, *code])) as work:
        ledger = Ledger("clean")
        rejected = work / "rejected"
        rejected.mkdir(exist_ok=True)  # DVC wants the folder, rejects or not
        blocks: list[PipelineStep] = [
            DocumentReader(source / "documents", ledger),
            *all_repairs(params, ledger),
            *all_filters(params, ledger, rejected if params.keep_rejects else None),
            DocumentWriter(work / "documents", ledger),
        ]
        progress.start(documents.count(source / "documents"), "documents")
        ledger = executor.run("clean", blocks, len(inputs), work, progress, ledger)
        files.write_json(work / "ledger.json", ledger.json())
    total = ledger.total()
    share = total.kept.documents / max(1, total.taken.documents)
    progress.headline(f"{total.kept.documents:,} documents kept ({share:.1%})")
