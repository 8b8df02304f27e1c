"""What every benchmark stands on: a measured call, the machine, a result file."""

import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from runtime import files

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Cost:
    """What a call cost, its child processes included."""

    seconds: float  # wall time
    cpu: float  # seconds of user and system time
    peak_mb: float  # largest resident memory of any one process


def measured(function: Callable[..., Any], *args: Any) -> Cost:
    """Call a function of a module in a fresh process, so that nothing before it counts.

    Starting Python and importing the function's module are not in the cost. The peak is no less
    than what the calling process holds, so that should be little.

    Raises:
        RuntimeError: the call failed.
    """
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    process = context.Process(target=_measure, args=(queue, function, args))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{function} ended with code {process.exitcode}")
    return queue.get()


def _measure(queue: Any, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    before, started = _cpu(), time.monotonic()
    function(*args)
    queue.put(Cost(time.monotonic() - started, _cpu() - before, _peak_mb()))


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _peak_mb() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(usage.ru_maxrss for usage in usages) / 1024


def machine() -> dict[str, Any]:
    """The processor, its cores and memory, and the versions that matter for data stages."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(": ")[2] for line in info if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    libraries = ("datatrove", "pyarrow", "numpy", "regex", "ftfy")
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in libraries},
    }


def write(name: str, command: str, figures: Any) -> Path:
    """Write a result file, with the command that gives it and the machine that gave it."""
    path = RESULTS / f"{name}.json"
    date = time.strftime("%Y-%m-%d")
    files.write_json(
        path, {"command": command, "date": date, "machine": machine(), "figures": figures}
    )
    return path
