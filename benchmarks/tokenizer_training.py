"""What a tokenizer costs to learn, at three sizes of text, carried on to ten gigabytes.

    python -m benchmarks.tokenizer_training [--reviews 160000,320000,640000]

The stage as the pipeline runs it, 30,003 entries, on real reviews (``POLYGLOT_DATA``) with two
workers: seconds and memory of the pass that draws and marks the sample (parallel, linear in text),
and of the one that learns from it (one process). For the latter, power laws through the three sizes
are carried on to the sample of profile ``1.3b``.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import measuring, reviews
from runtime import documents, executor
from runtime.documents import DocumentReader, DocumentWriter
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.ingest import CorpusParams, ingest
from stages.tokenizer import TokenizerParams
from stages.tokenizer.learn import Learn
from stages.tokenizer.sample import Sample

TARGET_MB = 10_000
SHARDS = 4


def main() -> None:
    """Measure every size and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", default="160000,320000,640000")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    os.environ["POLYGLOT_WORKERS"] = str(options.workers)
    figures: dict[str, Any] = {}
    for morphemes in (True, False):
        points = [measure(int(count), morphemes) for count in options.reviews.split(",")]
        name = "morphemes" if morphemes else "plain"
        figures[name] = {"sizes": points, "10 GB": carried_on(points)}
        print(name, figures[name], flush=True)
    command = f"python -m benchmarks.tokenizer_training --reviews {options.reviews}"
    print(measuring.write("tokenizer_training", command, figures))


def measure(count: int, morphemes: bool) -> dict[str, float]:
    """Both passes on ``count`` reviews."""
    params = TokenizerParams(30_003, [], morphemes, sample_bytes=1, min_frequency=2)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        reviews.write_raw(folder / "raw", "short", count, SHARDS)
        corpus = CorpusParams(str(folder / "raw"), ["nsmc"], shards=SHARDS)
        measuring.measured(ingest, corpus, Progress(None), folder / "mask")
        size = sum(
            len(document.text.encode()) for document in documents.read(folder / "mask/documents")
        )
        marked = measuring.measured(mark, folder, morphemes)
        learned = measuring.measured(learn, folder, params)
    return {
        "megabytes": round(size / 1e6, 1),
        "mark_seconds": round(marked.seconds, 1),
        "mark_cpu_seconds": round(marked.cpu, 1),
        "mark_peak_mb": round(marked.peak_mb),
        "learn_seconds": round(learned.seconds, 1),
        "learn_cpu_seconds": round(learned.cpu, 1),
        "learn_peak_mb": round(learned.peak_mb),
    }


def mark(folder: Path, morphemes: bool) -> None:
    """The pass that draws and marks the sample: here, all of the text."""
    texts = folder / "mask/documents"
    (folder / "work/state").mkdir(parents=True)
    blocks = [DocumentReader(texts), Sample(1.0, morphemes, []), DocumentWriter(folder / "sample")]
    ledger = Ledger("tokenizer")
    executor.run("sample", blocks, SHARDS, folder / "work", Progress(None), ledger)


def learn(folder: Path, params: TokenizerParams) -> None:
    """The pass that learns and measures."""
    (folder / "tokenizer").mkdir()
    block = Learn(params, folder / "sample", folder / "tokenizer", folder / "card.json")
    for _ in block.run():
        pass


def carried_on(points: list[dict[str, float]]) -> dict[str, float]:
    """Power laws through the points at the target; marking is taken as linear."""
    size = np.log([point["megabytes"] for point in points])

    def law(figure: str) -> tuple[float, float]:
        exponent, scale = np.polyfit(size, np.log([point[figure] for point in points]), 1)
        return float(exponent), float(np.exp(scale + exponent * np.log(TARGET_MB)))

    seconds, memory = law("learn_cpu_seconds"), law("learn_peak_mb")
    last = points[-1]
    return {
        "mark_core_hours": round(
            last["mark_cpu_seconds"] / last["megabytes"] * TARGET_MB / 3600, 2
        ),
        "learn_cpu_exponent": round(seconds[0], 2),
        "learn_core_hours": round(seconds[1] / 3600, 2),
        "learn_memory_exponent": round(memory[0], 2),
        "learn_peak_gb": round(memory[1] / 1e3, 2),
    }


if __name__ == "__main__":
    main()
