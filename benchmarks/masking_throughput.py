"""What masking costs, beside datatrove's bare reader and writer of the same documents.

    python -m benchmarks.masking_throughput [--reviews 640000] [--repeats 5]

One worker, processor time, medians of the repeats, side by side in each round. What masking adds is
measured twice, and given as a share of the bare reader and writer:

- in the stage: the whole stage less the same stage with masking taken out, which reads, writes and
  counts alone;
- in datatrove's own pipeline of reader and writer: with a block between them that masks, less
  without it.

Besides, text alone: columns in memory masked, in MB/s; also of the sample corpus, which is dense in
numbers. Needs the real reviews (``POLYGLOT_DATA``).
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from benchmarks import bare, measuring, reviews
from benchmarks.bare import params_of
from runtime import documents
from runtime.progress import Progress
from stages import mask as stage
from stages.corpus.params import SampleParams
from stages.corpus.sample import make
from stages.ingest import CorpusParams, ingest
from stages.ingest.sources import known
from stages.mask.columns import mask_column
from stages.mask.masking import Masker

ROWS = 1_000  # documents of a column, as the stage reads them


class MaskBlock(PipelineStep):
    """Masking between any two blocks of datatrove, document by document as they do."""

    type = "format"
    name = "mask"

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        masker = Masker(params_of("mask", stage.MaskParams))
        for document in data:
            document.text, _ = masker.mask(document.text)
            yield document


def run_mask(source: Path, target: Path) -> None:
    """The stage, as the pipeline runs it."""
    stage.mask_documents(params_of("mask", stage.MaskParams), Progress(None), source.parent, target)


def run_without_masking(source: Path, target: Path) -> None:
    """The stage's reading, writing and counting."""
    stage.mask_column = lambda masker, texts: (texts, [])
    run_mask(source, target)


def main() -> None:
    """Measure both forms, and text alone, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=640_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    os.environ["POLYGLOT_WORKERS"] = "1"
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for form in reviews.FORMS:
            folder = Path(scratch) / form
            reviews.write_raw(folder / "raw", form, options.reviews)
            corpus = CorpusParams(str(folder / "raw"), ["nsmc"], shards=2)
            measuring.measured(ingest, corpus, Progress(None), folder / "ingest")
            figures[form] = measure(folder, options.repeats)
            print(form, figures[form], flush=True)
        figures["sample corpus"] = measure_sample(Path(scratch) / "sample", options.repeats)
        print("sample corpus", figures["sample corpus"], flush=True)
    command = f"python -m benchmarks.masking_throughput --reviews {options.reviews}"
    print(measuring.write("masking_throughput", command, figures))


def measure(folder: Path, repeats: int) -> dict[str, Any]:
    """Every way of running on one form of documents."""
    raw, ingested = folder / "raw/nsmc", folder / "ingest/documents"
    steps: dict[str, tuple[Callable[..., None], Path, tuple[PipelineStep, ...]]] = {
        "bare JSON lines": (bare.json_lines, raw, ()),
        "JSON lines and masking": (bare.json_lines, raw, (MaskBlock(),)),
        "bare Parquet": (bare.parquet, ingested, ()),
        "Parquet and masking": (bare.parquet, ingested, (MaskBlock(),)),
        "stage": (run_mask, ingested, ()),
        "stage without masking": (run_without_masking, ingested, ()),
    }
    costs: dict[str, list[float]] = {name: [] for name in steps}
    peaks = dict.fromkeys(steps, 0.0)
    for _ in range(repeats):
        for name, (call, source, blocks) in steps.items():
            cost = measuring.measured(call, source, folder / "out", *blocks)
            costs[name].append(cost.cpu)
            peaks[name] = max(peaks[name], cost.peak_mb)
            shutil.rmtree(folder / "out")
    cpu = {name: median(found) for name, found in costs.items()}
    column, size = _column(ingested)
    in_stage = cpu["stage"] - cpu["stage without masking"]
    return {
        "documents": len(column),
        "megabytes": round(size / 1e6, 1),
        "cpu_seconds": {name: round(seconds, 2) for name, seconds in cpu.items()},
        "spread_seconds": {name: round(max(c) - min(c), 2) for name, c in costs.items()},
        "peak_mb": {name: round(peak) for name, peak in peaks.items()},
        "added in the stage, of bare": {
            form: round(in_stage / cpu[f"bare {form}"], 4) for form in ("JSON lines", "Parquet")
        },
        "added in datatrove's pipeline, of bare": {
            form: round(cpu[f"{form} and masking"] / cpu[f"bare {form}"] - 1, 4)
            for form in ("JSON lines", "Parquet")
        },
        **text_alone(column, size, repeats),
    }


def measure_sample(folder: Path, repeats: int) -> dict[str, Any]:
    """Text alone of the embedded sample, which holds a number in every tenth document or so."""
    measuring.measured(make, params_of("sample", SampleParams), Progress(None), folder)
    corpus = CorpusParams(str(folder / "raw"), known(), shards=2)
    measuring.measured(ingest, corpus, Progress(None), folder / "ingest")
    column, size = _column(folder / "ingest/documents")
    figures = {"documents": len(column), "megabytes": round(size / 1e6, 1)}
    return figures | text_alone(column, size, repeats)


def text_alone(column: pa.StringArray, size: int, repeats: int) -> dict[str, Any]:
    """MB/s of processor time of ``mask_column`` in one thread, and what it finds."""
    pa.set_cpu_count(1)
    masker = Masker(params_of("mask", stage.MaskParams))
    seconds = []
    for _ in range(repeats):
        hits, started = 0, time.process_time()
        for first in range(0, len(column), ROWS):
            _, found = mask_column(masker, column.slice(first, ROWS))
            hits += sum(len(of_text) for _, of_text in found)
        seconds.append(time.process_time() - started)
    return {
        "hits_per_megabyte": round(hits / (size / 1e6), 1),
        "text_alone_mb_per_cpu_second": round(size / 1e6 / median(seconds)),
    }


def _column(folder: Path) -> tuple[pa.StringArray, int]:
    """All texts as one column, and their bytes."""
    batches = [
        batch.column("text")
        for shard in documents.shards(folder)
        for batch in documents.read_batches(shard, ["text"])
    ]
    column = pa.concat_arrays(batches)
    return column, int(documents.offsets(column)[-1])


if __name__ == "__main__":
    main()
