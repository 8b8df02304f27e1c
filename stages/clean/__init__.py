"""Documents tidied, and those that are no Korean text dropped.

Writes ``documents/``, ``rejected/`` (what was dropped, ``metadata["reason"]`` saying why) and
``ledger.json`` to ``data/clean``.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Literal

from datatrove.data import Document

from runtime import documents, executor, files, paths
from runtime.documents import DocumentFilter, DocumentReader, DocumentWriter
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.clean.params import CleanParams
from stages.clean.text import hangul_share, repeats, tidy

__all__ = ["Clean", "CleanParams", "clean"]


class Clean(DocumentFilter):
    """Tidies a document and drops it if it is ``empty``, ``too_short`` or has ``few_hangul``."""

    name = "clean"

    def __init__(self, params: CleanParams, ledger: Ledger, rejected: Path | None = None) -> None:
        super().__init__(ledger, rejected)
        self.params = params
        self.runs = repeats(params.max_repeats)

    def filter(self, document: Document) -> Literal[True] | tuple[Literal[False], str]:
        document.text = tidy(document.text, self.runs)
        if reason := self.reason(document.text):
            return False, reason
        return True

    def reason(self, text: str) -> str | None:
        """Why tidy ``text`` is no document to learn from, or None."""
        if not text:
            return "empty"
        if len(text) < self.params.min_characters:
            return "too_short"
        if hangul_share(text) < self.params.min_hangul_share:
            return "few_hangul"
        return None


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
    code = sorted(Path(__file__).parent.glob("*.py"))
    with executor.workspace(final, executor.fingerprint(asdict(params), [*inputs, *code])) as work:
        ledger = Ledger("clean")
        blocks = [
            DocumentReader(source / "documents", ledger),
            Clean(params, ledger, work / "rejected"),
            DocumentWriter(work / "documents", ledger),
        ]
        progress.start(documents.count(source / "documents"), "documents")
        ledger = executor.run("clean", blocks, len(inputs), work, progress, ledger)
        files.write_json(work / "ledger.json", ledger.json())
    total = ledger.total()
    share = total.kept.documents / max(1, total.taken.documents)
    progress.headline(f"{total.kept.documents:,} documents kept ({share:.1%})")
