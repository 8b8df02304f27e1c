"""Ingest, clean and exact dedup beside datatrove's bare reader and writer of the same shards.

    python -m benchmarks.corpus_throughput [--reviews 640000] [--repeats 3]

One worker. A figure is text in MB/s of processor time, the median of the repeats, of whole stages:
reading, writing, ledger and publishing are in it, as the stage runs in the pipeline, and so are
all passes of dedup; starting Python is not. MinHash and decontamination are measured apart. Needs
the real reviews (``POLYGLOT_DATA``).
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import bare, measuring, reviews
from benchmarks.bare import params_of
from benchmarks.measuring import Cost
from runtime import files
from runtime.progress import Progress
from stages.clean import CleanParams, clean
from stages.dedup import DedupParams, dedup
from stages.ingest import CorpusParams, ingest

DEDUPS = (  # name, near duplicates too, decontaminated too
    ("exact dedup", False, False),
    ("exact dedup, decontamination", False, True),
    ("exact dedup, MinHash", True, False),
)


@dataclass(frozen=True)
class Step:
    """A stage, or datatrove's bare reader and writer, on its input of ``size`` bytes of text."""

    name: str
    call: Callable[[Path, Path], None]  # source, target
    source: Path
    size: int


def run_ingest(raw: Path, target: Path) -> None:
    """The stage, to ``target/documents``."""
    ingest(CorpusParams(str(raw), ["nsmc"], shards=2), Progress(None), target)


def run_clean(source: Path, target: Path) -> None:
    """The stage with every rule."""
    clean(params_of("clean", CleanParams), Progress(None), source, target)


def run_dedup(source: Path, target: Path, near: bool, decontaminated: bool) -> None:
    """The stage: exact, and as asked near duplicates and decontamination against real KOBEST."""
    values = params_of("dedup", DedupParams)
    data = str(reviews.data_folder() / "kobest_v1") if decontaminated else None
    values = replace(
        values,
        minhash=values.minhash if near else None,
        decontamination=replace(values.decontamination, data=data),
    )
    dedup(values, Progress(None), source, target)


def main() -> None:
    """Measure both forms and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=640_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    os.environ["POLYGLOT_WORKERS"] = "1"
    with tempfile.TemporaryDirectory() as scratch:
        figures = {
            form: measure(Path(scratch) / form, form, options.reviews, options.repeats)
            for form in reviews.FORMS
        }
    command = f"python -m benchmarks.corpus_throughput --reviews {options.reviews}"
    print(measuring.write("corpus_throughput", command, figures))


def measure(folder: Path, form: str, count: int, repeats: int) -> dict[str, Any]:
    """Every step on one form of documents, side by side in each round."""
    raw, ingested, cleaned = folder / "raw", folder / "ingest", folder / "clean"
    reviews.write_raw(raw, form, count)
    measuring.measured(run_ingest, raw, ingested)
    measuring.measured(run_clean, ingested, cleaned)
    size, documents = _out(ingested)
    clean_size, _ = _out(cleaned)
    bare_json_step = Step("bare JSON lines", bare.json_lines, raw / "nsmc", size)
    bare_parquet_step = Step("bare Parquet", bare.parquet, ingested / "documents", size)
    steps = {
        bare_json_step: bare_json_step,
        Step("ingest", run_ingest, raw, size): bare_json_step,
        bare_parquet_step: bare_parquet_step,
        Step("clean", run_clean, ingested, size): bare_parquet_step,
    }
    for name, near, decontaminated in DEDUPS:
        call = partial(run_dedup, near=near, decontaminated=decontaminated)
        steps[Step(name, call, cleaned, clean_size)] = bare_parquet_step
    costs: dict[Step, list[Cost]] = {step: [] for step in steps}
    for _ in range(repeats):
        for step in steps:
            costs[step].append(measuring.measured(step.call, step.source, folder / "out"))
            shutil.rmtree(folder / "out")
    speeds = {
        step: step.size / 1e6 / median(cost.cpu for cost in found) for step, found in costs.items()
    }
    figures: dict[str, Any] = {"documents": documents, "bytes_a_document": size // documents}
    for step, beside in steps.items():
        figures[step.name] = {
            "mb_per_cpu_second": round(speeds[step], 2),
            "of_bare": round(speeds[step] / speeds[beside], 2),
            "peak_mb": round(max(cost.peak_mb for cost in costs[step])),
        }
        print(form, step.name, figures[step.name], flush=True)
    return figures


def _out(stage: Path) -> tuple[int, int]:
    """Bytes and documents that left a stage."""
    out = files.read_json(stage / "ledger.json")["total"]["out"]
    return out["bytes"], out["documents"]


if __name__ == "__main__":
    main()
