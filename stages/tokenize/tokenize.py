"""The stage: encode every shard of documents, and list what came of it."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from runtime import documents, executor, files, paths
from runtime.ledger import Ledger
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.tokenize.encode import Encode
from stages.tokenize.params import TokenizeParams, check, check_epochs
from stages.tokenize.shuffle import Shuffle
from stages.tokenize.split import SPLITS
from stages.tokenize.vocabulary import Vocabulary


def tokenize(
    params: TokenizeParams,
    progress: Progress,
    tracker: Tracker,
    source: Path = paths.MASK,
    tokenizer: Path = paths.TOKENIZER,
    final: Path = paths.TOKENS,
) -> None:
    """Write the training shards of the documents in ``source``, and their manifest, to ``final``.

    The training split holds a source's documents as often as its factor in ``epochs`` says, the
    validation split holds each of its own once.

    All documents of a split stand in one random order, which hangs on their ids and the seed alone:
    not on workers, nor on the shards that they come from.

    Raises:
        PolyglotError: a parameter is out of range, ``epochs`` names a source that the corpus
            lacks, or the documents or the tokenizer are missing.
    """
    check(params)
    if params.epochs:
        check_epochs(params, files.read_json(source / "ledger.json")["sources"])
    texts, vocabulary_file = source / "documents", tokenizer / "tokenizer.json"
    vocabulary = Vocabulary(vocabulary_file)
    inputs = documents.shards(texts)
    code = sorted(Path(__file__).parent.glob("*.py"))
    fingerprint = executor.fingerprint(asdict(params), [vocabulary_file, *inputs, *code])
    with executor.workspace(final, fingerprint) as work:
        encoded = work / "state" / "encoded"
        encode = Encode(inputs, encoded, vocabulary_file, params)
        progress.start(documents.count(texts), "documents")
        executor.run("encode", [encode], len(inputs), work, progress, Ledger("tokenize"))
        notes = list(map(files.read_json, sorted((encoded / "notes").iterdir())))
        splits = {name: total(summed(n[name]["sources"] for n in notes)) for name in SPLITS}

        files_of = {
            name: math.ceil(split["tokens"] / params.shard_tokens) for name, split in splits.items()
        }
        shuffle = Shuffle(encoded, work, files_of)
        progress.start(sum(split["documents"] for split in splits.values()), "documents shuffled")
        executor.run("shuffle", [shuffle], len(shuffle.tasks), work, progress, Ledger("tokenize"))
        for name, split in splits.items():
            listed = sorted((encoded / "files" / name).glob("*.json"))
            split["files"] = list(map(files.read_json, listed))
        manifest = {
            "vocab_size": vocabulary.size,
            "eod_id": vocabulary.end_id,
            "tokenizer_fingerprint": files.sha256(vocabulary_file),
            "seed": params.seed,
            "splits": splits,
            "epochs": epochs(params, summed(note["train"]["offered"] for note in notes)),
        }
        files.write_json(work / "manifest.json", manifest)
    tracker.metrics({f"{name}_tokens": split["tokens"] for name, split in splits.items()})
    progress.headline(f"{sum(split['tokens'] for split in splits.values()):,} tokens")


def total(sources: dict[str, dict[str, int]]) -> dict[str, Any]:
    """One split of the manifest, but for its files."""
    return {
        "documents": sum(count["documents"] for count in sources.values()),
        "tokens": sum(count["tokens"] for count in sources.values()),
        "sources": sources,
    }


def epochs(
    params: TokenizeParams, offered: dict[str, dict[str, int]]
) -> dict[str, dict[str, float]]:
    """Each source's factor, and its training documents and their bytes before it was applied."""
    return {
        source: {"factor": params.epochs.get(source, 1.0), **count}
        for source, count in offered.items()
    }


def summed(accounts: Iterable[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    """The sums of the shards' ``{source: {unit: number}}``, sources in the order of their names."""
    total: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for account in accounts:
        for source, count in account.items():
            total[source].update(count)
    return {source: dict(total[source]) for source in sorted(total)}
