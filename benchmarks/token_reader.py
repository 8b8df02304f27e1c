"""The trainer's reader beside a bare memmap, and its memory at the reference's size.

    python -m benchmarks.token_reader [--gigabytes 2] [--windows 200000]

Random windows of 2,049 tokens out of shards of 2 bytes a token that the page cache holds: a numpy
memmap indexed at random places, copied and widened to int64; the trainer's ``Tokens`` and
``Order``, which choose the windows as well; datatrove's ``DatatroveFolderDataset``. Median of five
rounds. The reference has 104 million windows: shards of that size, which are holes on the disk, are
mapped, and the memory that this takes is measured. Eight H200 at 40% of their peak read as many
windows a second as the figure of that name says.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
from datatrove.utils.dataset import DatatroveFolderDataset

from benchmarks import measuring
from stages.pretrain.data import Order, Tokens

CONTEXT = 2048
SHARD = 500_000_000  # tokens
REFERENCE = 213_000_000_000  # tokens
BATCH = 8  # windows read together
ROUNDS = 5
PARAMETERS = 1_331_810_304
H200 = 989e12  # FLOP/s of bfloat16, dense


def main() -> None:
    """Measure the rates and the memory and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--windows", type=int, default=204_800)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = rates(Path(scratch), round(options.gigabytes * 5e8), options.windows)
        figures["reference"] = memory(Path(scratch) / "large")
    multiplied = PARAMETERS - 30_080 * 2048
    a_token = 6 * multiplied + 12 * 24 * 2048 * CONTEXT
    figures["windows a second of 8 H200 at 40% MFU"] = round(8 * 0.4 * H200 / a_token / CONTEXT)
    command = f"python -m benchmarks.token_reader --gigabytes {options.gigabytes:g}"
    print(measuring.write("token_reader", command, figures))


def rates(folder: Path, tokens: int, count: int) -> dict[str, Any]:
    """Windows a second of every reader, in one process."""
    paths, rng = [], np.random.default_rng(1)
    for number in range(2):
        paths.append(folder / f"{number:05d}.ds")
        rng.integers(30_003, size=tokens // 2, dtype=np.uint16).tofile(paths[-1])
    windows = Tokens(paths, CONTEXT)
    order = Order(len(windows), seed=1)
    maps = [np.memmap(path, "<u2", mode="r") for path in paths]
    files_of = rng.integers(2, size=count).tolist()
    starts = rng.integers(len(maps[0]) - CONTEXT, size=count).tolist()
    dataset = DatatroveFolderDataset(str(folder), CONTEXT, "*.ds", token_size=2, shuffle=True)

    def bare() -> None:
        for first in range(0, count, BATCH):
            batch = np.empty((BATCH, CONTEXT + 1), np.int64)
            for row in range(BATCH):
                start = starts[first + row]
                batch[row] = maps[files_of[first + row]][start : start + CONTEXT + 1]

    def ours() -> None:
        for step in range(count // 1024):
            chosen = order.step(step, 1024)
            for first in range(0, 1024, BATCH):
                windows.batch(chosen[first : first + BATCH])

    def theirs() -> None:
        for index in range(count):
            dataset[index]

    readers: dict[str, Callable[[], None]] = {
        "bare memmap": bare,
        "Tokens and Order": ours,
        "DatatroveFolderDataset": theirs,
    }
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS + 1):  # the first fills the page cache
        for name, read in readers.items():
            started = time.process_time()
            read()
            seconds[name].append(time.process_time() - started)
    found = {name: round(count / median(spent[1:])) for name, spent in seconds.items()}
    print(found, flush=True)
    return {
        "windows a second of processor time": found,
        "of a bare memmap": round(found["Tokens and Order"] / found["bare memmap"], 3),
    }


def memory(folder: Path) -> dict[str, Any]:
    """What mapping the reference's shards and finding a window of a late step costs."""
    folder.mkdir()
    paths = [folder / f"{number:05d}.ds" for number in range(REFERENCE // SHARD)]
    for path in paths:
        with path.open("wb") as file:
            file.truncate(2 * SHARD)
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.perf_counter()
    tokens = Tokens(paths, CONTEXT)
    order = Order(len(tokens), seed=1)
    tokens.batch(order.step(90_000, 1024, rank=200, size=256))
    return {
        "windows": len(tokens),
        "shards": len(paths),
        "megabytes of memory": round((process.memory_info().rss - before) / 1e6, 1),
        "milliseconds to the first batch": round(1e3 * (time.perf_counter() - started), 1),
    }


if __name__ == "__main__":
    main()
