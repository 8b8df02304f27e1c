"""The stage: encode every shard of documents, and list what came of it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from runtime import documents, executor, files, paths
from runtime.documents import DocumentReader
from runtime.ledger import Ledger
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.tokenize.params import TokenizeParams, check
from stages.tokenize.shards import TokenWriter
from stages.tokenize.split import SPLITS
from stages.tokenize.vocabulary import Vocabulary


def tokenize(params: TokenizeParams, progress: Progress, tracker: Tracker) -> None:
    """Write the training shards and their manifest.

    Documents are shuffled within their shard; the shards keep the order of the corpus, because
    the trainer draws its windows in a random order of its own. Files are named after the shard
    that they come from, so that they do not depend on the number of workers.

    Raises:
        PolyglotError: a parameter is out of range, or the documents or the tokenizer are missing.
    """
    check(params)
    source, tokenizer = paths.MASK / "documents", paths.TOKENIZER / "tokenizer.json"
    vocabulary = Vocabulary(tokenizer)
    inputs = documents.shards(source)
    with executor.workspace(
        paths.TOKENS, executor.fingerprint(params, [tokenizer, *inputs])
    ) as work:
        blocks = [DocumentReader(source), TokenWriter(work, tokenizer, params)]
        progress.start(documents.count(source), "documents")
        executor.run("tokens", blocks, len(inputs), work, progress, Ledger("tokenize"))
        notes = [files.read_json(note) for note in sorted((work / "state" / "notes").iterdir())]
        splits = {name: merged(note[name] for note in notes) for name in SPLITS}
        manifest = {
            "vocab_size": vocabulary.size,
            "eod_id": vocabulary.end_id,
            "tokenizer_fingerprint": files.sha256(tokenizer),
            "seed": params.seed,
            "splits": splits,
        }
        files.write_json(work / "manifest.json", manifest)
    tracker.metrics({f"{name}_tokens": split["tokens"] for name, split in splits.items()})
    progress.headline(f"{sum(split['tokens'] for split in splits.values()):,} tokens")


def merged(notes: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One split of the manifest, of the notes of all shards on it."""
    listed: list[dict[str, Any]] = []
    sources: defaultdict[str, dict[str, int]] = defaultdict(
        lambda: {"documents": 0, "tokens": 0, "bytes": 0}
    )
    for note in notes:
        listed += note["files"]
        for source, counts in note["sources"].items():
            for name, number in counts.items():
                sources[source][name] += number
    return {
        "documents": sum(counts["documents"] for counts in sources.values()),
        "tokens": sum(counts["tokens"] for counts in sources.values()),
        "files": listed,
        "sources": dict(sorted(sources.items())),
    }
