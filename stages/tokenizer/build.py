"""The stage: draw a sample, mark it, learn from it, measure what was learned."""

from runtime import documents, executor, files, paths
from runtime.documents import DocumentReader, DocumentWriter
from runtime.ledger import Ledger
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.tokenizer.bpe import learn, save
from stages.tokenizer.card import card
from stages.tokenizer.morphemes import unmark
from stages.tokenizer.params import TokenizerParams, check
from stages.tokenizer.sample import Sample


def build(params: TokenizerParams, progress: Progress, tracker: Tracker) -> None:
    """Write the tokenizer's folder and its card.

    Raises:
        PolyglotError: a parameter is out of range, there is no text, or too little for the
            vocabulary.
    """
    check(params)
    source, ledger = paths.MASK / "documents", paths.MASK / "ledger.json"
    inputs = documents.shards(source)
    share = params.sample_bytes / max(1, files.read_json(ledger)["total"]["out"]["bytes"])
    fingerprint = executor.fingerprint(params, [ledger, *inputs])
    with executor.workspace(paths.TOKENIZER, fingerprint) as work:
        sample = work / "state" / "sample"  # the workspace drops it when all is done
        blocks = [
            DocumentReader(source),
            Sample(min(share, 1.0), params.morphemes),
            DocumentWriter(sample),
        ]
        progress.start(documents.count(source), "documents")
        executor.run("sample", blocks, len(inputs), work, progress, Ledger("tokenizer"))
        tokenizer = learn((document.text for document in documents.read(sample)), params)
        save(tokenizer, work)
        texts = (unmark(document.text) for document in documents.read(sample))
        figures = card(tokenizer, work, texts, params.morphemes)
    files.write_json(paths.TOKENIZER_CARD, figures)
    tracker.metrics({name: figures[name] for name in ("bytes_per_token", "tokens_per_eojeol")})
    progress.headline(
        f"{figures['vocab_size']:,} entries, {figures['bytes_per_token']:.2f} bytes a token"
    )
