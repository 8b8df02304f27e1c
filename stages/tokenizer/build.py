"""The stage: draw a sample, mark it, learn from it, measure what was learned."""

from dataclasses import asdict
from pathlib import Path

from runtime import documents, executor, files, paths, registry
from runtime.documents import DocumentReader, DocumentWriter
from runtime.ledger import Ledger
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.tokenizer import bpe
from stages.tokenizer.learn import Learn
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
            vocabulary; or the tokenizer to be reused cannot be had, or is of another size.
    """
    check(params)
    reused = Path(registry.local(params.reuse)).resolve() if params.reuse else None
    texts, ledger = source / "documents", source / "ledger.json"
    inputs = documents.shards(texts)
    share = params.sample_bytes / max(1, files.read_json(ledger)["total"]["out"]["bytes"])
    code = sorted(Path(__file__).parent.glob("*.py"))
    taken = [reused / bpe.FILE] if reused else []
    fingerprint = executor.fingerprint(asdict(params), [ledger, *inputs, *code, *taken])
    with executor.workspace(final, fingerprint) as work:
        sample, draft = work / "state" / "sample", work / "state" / "card.json"
        blocks = [
            DocumentReader(texts),
            Sample(min(share, 1.0), params.morphemes, params.extra_kinds),
            DocumentWriter(sample),
        ]
        progress.start(documents.count(texts), "documents")
        executor.run("sample", blocks, len(inputs), work, progress, Ledger("tokenizer"))
        progress.start(0, "merges")
        block = Learn(params, sample, work, draft, reused)
        executor.run("learn", [block], 1, work, progress, Ledger("tokenizer"))
        figures = files.read_json(draft)
    files.write_json(card, figures)
    tracker.artifact(final)
    tracker.artifact(card)
    tracker.metrics({name: figures[name] for name in ("bytes_per_token", "tokens_per_eojeol")})
    progress.headline(
        f"{figures['vocab_size']:,} entries, {figures['bytes_per_token']:.2f} bytes a token"
    )
