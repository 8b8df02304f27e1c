"""Raw files of every source into documents: NFC text, stable ids, nothing lost silently.

Writes ``documents/``, ``quarantine/`` (records that could not be read, with file, position and
reason) and ``ledger.json`` to ``data/ingest``. Of a file that breaks off, what could be read stays;
the rest is one quarantined record however large, so the ledger counts the file in ``torn_files``.
Literal special tokens in the text are defused: see ``runtime.documents.defuse``.
"""

from dataclasses import asdict
from pathlib import Path

from runtime import executor, files, paths
from runtime.documents import DocumentWriter
from runtime.errors import PolyglotError
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.ingest.params import CorpusParams
from stages.ingest.raw import assign, raw_files
from stages.ingest.reader import RawReader

__all__ = ["CorpusParams", "ingest"]


def ingest(params: CorpusParams, progress: Progress, final: Path = paths.INGEST) -> None:
    """Read all sources of ``params`` into ``final``.

    Raises:
        PolyglotError: a source is unknown, missing, or holds no document that can be read.
    """
    found = raw_files(params)
    listing = [(file.source, file.name, file.block, file.size, file.changed) for file in found]
    code = [*sorted(Path(__file__).parent.glob("*.py")), *sorted(paths.SOURCES.glob("*.yaml"))]
    state = executor.fingerprint(asdict(params) | {"files": listing}, code)
    with executor.workspace(final, state) as work:
        assigned = assign(found, params.shards)
        ledger = Ledger("ingest")
        blocks = [
            RawReader(assigned, work / "quarantine", ledger),
            DocumentWriter(work / "documents", ledger),
        ]
        progress.start(sum(file.size for file in found), "bytes")
        ledger = executor.run("ingest", blocks, len(assigned), work, progress, ledger)
        _check(ledger, work)
        files.write_json(work / "ledger.json", ledger.json())
    total = ledger.total()
    progress.headline(f"{total.kept.documents:,} documents, {len(params.sources)} sources")


def _check(ledger: Ledger, work: Path) -> None:
    for source, account in ledger.sources.items():
        if account.kept.documents == 0:
            reasons = ", ".join(
                f"{reason} {count.documents:,}" for reason, count in account.quarantined.items()
            )
            raise PolyglotError(
                f"No document of the source {source} could be read ({reasons}): "
                f"see {work}/quarantine."
            )
