"""The stage: draw a sample, mark it, learn from it, measure what was learned."""

from dataclasses import asdict
from pathlib import Path

from runtime import documents, executor, files, paths
from runtime.documents import DocumentReader, DocumentWriter
from runtime.ledger import Ledger
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.tokenizer.bpe import learn, save
from stages.tokenizer.card import measured
from stages.tokenizer.morphemes import unmark
from stages.tokenizer.params import TokenizerParams, check
from stages.tokenizer.sample import Sample


def build(
    params: TokenizerParams,
    progress: Progress,
    tracker: Tracker,
    source: Path = paths.MASK,
    final: Path = paths.TOKENIZER,
    card: Path = paths.TOKENIZER_CARD,
) -> None:
    """Learn a tokenizer from the documents of ``source``; write its folder and its ``card``.

    Raises:
        PolyglotError: a parameter is out of range, there is no text, or too little for the
            vocabulary.
    """
    check(params)
    texts, ledger = source / "documents", source / "ledger.json"
    inputs = documents.shards(texts)
    share = params.sample_bytes / max(1, files.read_json(ledger)["total"]["out"]["bytes"])
    code = sorted(Path(__file__).parent.glob("*.py"))
    fingerprint = executor.fingerprint(asdict(params), [ledger, *inputs, *code])
    with executor.workspace(final, fingerprint) as work:
        sample = work / "state" / "sample"  # the workspace drops it when all is done
        blocks = [
            DocumentReader(texts),
            Sample(min(share, 1.0), params.morphemes),
            DocumentWriter(sample),
        ]
        progress.start(documents.count(texts), "documents")
        executor.run("sample", blocks, len(inputs), work, progress, Ledger("tokenizer"))
        tokenizer = learn((document.text for document in documents.read(sample)), params)
        save(tokenizer, work)
        learned = (unmark(document.text) for document in documents.read(sample))
        figures = measured(tokenizer, work, learned, params.morphemes)
    files.write_json(card, figures)
    tracker.metrics({name: figures[name] for name in ("bytes_per_token", "tokens_per_eojeol")})
    progress.headline(
        f"{figures['vocab_size']:,} entries, {figures['bytes_per_token']:.2f} bytes a token"
    )
