"""The stage tokenize beside ``encode_batch`` of the same text on the same cores.

    python -m benchmarks.tokenize_throughput [--repeats 3]

The real reviews (``POLYGLOT_DATA``) as they are and 50 joined to a document, with a tokenizer of
30,003 entries learned from them. With 1 and 2 workers: MB of text a second of wall time of
``encode_batch_fast`` in as many processes, on lists of texts that are in memory; of the whole
stage, which reads Parquet, encodes, shuffles, writes, hashes and counts; of datatrove's
DocumentTokenizer, whose shuffled files are per shard. Ends with what the stage takes for 863 GB.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.tokens import DocumentTokenizer

from benchmarks import measuring, reviews
from runtime import documents
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.ingest import CorpusParams, ingest
from stages.tokenize import TokenizeParams, tokenize
from stages.tokenize.encode import COLUMNS, parts
from stages.tokenize.vocabulary import Vocabulary
from stages.tokenizer import TokenizerParams
from stages.tokenizer.bpe import learn, save
from stages.tokenizer.morphemes import Morphemes

PARAMS = TokenizeParams(validation_share=0.001, seed=1, shard_tokens=5 * 10**8, epochs={})
SHARDS = 4
WORKERS = (1, 2)
REFERENCE_GB = 863


def main() -> None:
    """Measure both forms and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=640_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        vocabulary = Path(scratch) / "tokenizer"
        make_tokenizer(vocabulary, options.reviews)
        for form in reviews.FORMS:
            folder = Path(scratch) / form
            reviews.write_raw(folder / "raw", form, options.reviews, SHARDS)
            corpus = CorpusParams(str(folder / "raw"), ["nsmc"], shards=SHARDS)
            measuring.measured(ingest, corpus, Progress(None), folder / "mask")
            figures[form] = measure(folder, vocabulary, options.repeats)
            print(form, figures[form], flush=True)
    command = f"python -m benchmarks.tokenize_throughput --repeats {options.repeats}"
    print(measuring.write("tokenize_throughput", command, figures))


def make_tokenizer(folder: Path, count: int) -> None:
    """Learn 30,003 entries from marked reviews."""
    folder.mkdir()
    mark = Morphemes().mark
    texts = (mark(text) for number, text in enumerate(reviews.reviews()) if number < count)
    save(learn(texts, TokenizerParams(30_003, [], True, 1, 2)), folder)


def measure(folder: Path, vocabulary: Path, repeats: int) -> dict[str, Any]:
    """MB/s of wall time of every way and number of workers."""
    shards = documents.shards(folder / "mask/documents")
    megabytes = sum(len(d.text.encode()) for s in shards for d in documents.read_shard(s)) / 1e6
    ways: dict[str, Callable[[Path, Path, int], float]] = {
        "encode_batch": encode_batch,
        "stage": stage,
        "DocumentTokenizer": document_tokenizer,
    }
    rates: dict[str, dict[int, list[float]]] = {way: {n: [] for n in WORKERS} for way in ways}
    for _ in range(repeats):
        for workers in WORKERS:
            for way, call in ways.items():
                seconds = call(folder, vocabulary, workers)
                rates[way][workers].append(megabytes / seconds)
    found = {way: {n: round(median(r), 2) for n, r in of.items()} for way, of in rates.items()}
    by_core = found["stage"][1]
    return {
        "megabytes": round(megabytes, 1),
        "MB a second, by workers": found,
        "stage, of encode_batch": {
            n: round(found["stage"][n] / found["encode_batch"][n], 3) for n in WORKERS
        },
        "two workers, of twice one": round(found["stage"][2] / by_core / 2, 3),
        "core-hours for 863 GB": round(REFERENCE_GB * 1e3 / by_core / 3600, 1),
    }


def encode_batch(folder: Path, vocabulary: Path, workers: int) -> float:
    """Seconds of the slowest of ``workers`` processes that encode the shards."""
    context = get_context("spawn")
    queue = context.SimpleQueue()
    shards = documents.shards(folder / "mask/documents")
    parts = [shards[worker::workers] for worker in range(workers)]
    ready = context.Barrier(workers)
    processes = [context.Process(target=_encode, args=(p, vocabulary, ready, queue)) for p in parts]
    for process in processes:
        process.start()
    seconds = [queue.get() for _ in processes]
    for process in processes:
        process.join()
    return max(seconds)


def _encode(shards: list[Path], folder: Path, ready: Any, queue: Any) -> None:
    vocabulary = Vocabulary(folder / "tokenizer.json")
    texts = [
        part["text"].to_pylist()
        for shard in shards
        for batch in documents.read_batches(shard, COLUMNS)
        for part in parts(batch)
    ]
    ready.wait()
    started = time.perf_counter()
    for batch in texts:
        vocabulary._tokenizer.encode_batch_fast(batch)
    queue.put(time.perf_counter() - started)


def stage(folder: Path, vocabulary: Path, workers: int) -> float:
    """Seconds of the whole stage."""
    os.environ["POLYGLOT_WORKERS"] = str(workers)
    final = folder / "tokens"
    arguments = (PARAMS, Progress(None), Tracker(None), folder / "mask", vocabulary, final)
    cost = measuring.measured(tokenize, *arguments)
    shutil.rmtree(final)
    return cost.seconds


def document_tokenizer(folder: Path, vocabulary: Path, workers: int) -> float:
    """Seconds of datatrove's own block, its files shuffled."""
    started = time.perf_counter()
    context = get_context("spawn")
    processes = [
        context.Process(target=_tokenize, args=(folder, vocabulary, rank, workers))
        for rank in range(workers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    shutil.rmtree(folder / "datatrove")
    return time.perf_counter() - started


def _tokenize(folder: Path, vocabulary: Path, rank: int, workers: int) -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    reader = ParquetReader(str(folder / "mask/documents"), doc_progress=False)
    block = DocumentTokenizer(
        str(folder / "datatrove"),
        tokenizer_name_or_path=str(vocabulary / "tokenizer.json"),
        eos_token="<|endoftext|>",
        seed=1,
    )
    for shard in range(rank, SHARDS, workers):
        block.run(reader.run(None, shard, SHARDS), shard, SHARDS)


if __name__ == "__main__":
    main()
