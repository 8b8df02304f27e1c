"""Time and memory of the corpus stages on 1, 4 and 16 times the corpus.

    python -m benchmarks.corpus_scaling [--base 40000] [--workers 2]

Real reviews, all different (``POLYGLOT_DATA``), so that dedup has as much to keep at every size.
Fits seconds = constant + slope * MB by least squares, and the exponent of MB between 4 and 16
times the corpus, where the constant counts least: 1 is linear. The peak is of the largest process.
"""

import argparse
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import measuring, reviews
from benchmarks.corpus_throughput import run_clean, run_dedup, run_ingest
from benchmarks.measuring import Cost
from runtime import files

SIZES = (1, 4, 16)
SHARDS = 4  # for every size, so that a shard grows with the corpus
STAGES = {
    "ingest": run_ingest,
    "clean": run_clean,
    "dedup": partial(run_dedup, near=True, decontaminated=True),
}


def main() -> None:
    """Measure every stage at every size and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=int, default=40_000, help="reviews at size 1")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    os.environ["POLYGLOT_WORKERS"] = str(options.workers)
    figures = {}
    for form in reviews.FORMS:
        costs: dict[str, list[tuple[float, Cost]]] = {name: [] for name in STAGES}
        for size in SIZES:
            with tempfile.TemporaryDirectory() as scratch:
                for name, found in run(Path(scratch), form, size * options.base).items():
                    costs[name].append(found)
        figures[form] = {name: fitted(found) for name, found in costs.items()}
        for name, fit in figures[form].items():
            print(form, name, fit, flush=True)
    command = f"python -m benchmarks.corpus_scaling --base {options.base}"
    print(measuring.write("corpus_scaling", command, figures))


def run(folder: Path, form: str, count: int) -> dict[str, tuple[float, Cost]]:
    """Megabytes of text that enter each stage, and what the stage costs."""
    source = folder / "raw"
    reviews.write_raw(source, form, count, SHARDS)
    found = {}
    for name, call in STAGES.items():
        cost = measuring.measured(call, source, folder / name)
        source = folder / name
        taken = files.read_json(source / "ledger.json")["total"]["in"]["bytes"]
        found[name] = (taken / 1e6, cost)
    return found


def fitted(costs: list[tuple[float, Cost]]) -> dict[str, Any]:
    """The line through the points, the exponent between the last two, and the points."""
    size = np.array([megabytes for megabytes, _ in costs])
    seconds = np.array([cost.seconds for _, cost in costs])
    slope, constant = np.polyfit(size, seconds, 1)
    return {
        "megabytes": size.round(2).tolist(),
        "seconds": seconds.round(2).tolist(),
        "peak_mb": [round(cost.peak_mb) for _, cost in costs],
        "seconds_a_gb": round(1000 * float(slope), 1),
        "constant_seconds": round(float(constant), 2),
        "exponent": round(float(np.polyfit(np.log(size[1:]), np.log(seconds[1:]), 1)[0]), 2),
    }


if __name__ == "__main__":
    main()
