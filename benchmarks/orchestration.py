"""What orchestration costs: profile smoke by ``dvc repro``, by the command line, and by Prefect.

``python -m benchmarks.orchestration [--rounds N] [--ways dvc,prefect]``. Every round begins with
fresh copies of the project and runs one way after the other; Prefect's time goes from the moment
that a deployment is asked for to the end of its run, with server and worker up. Then each is run
again with nothing to do.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.measuring import write
from tests.integration.conftest import Workspace
from tests.integration.services import started

STAGES = 17
PATIENCE = 3600.0


def timed(workspace: Workspace, *words: str) -> float:
    """Seconds of a command in the workspace."""
    begun = time.perf_counter()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(workspace.folder)}
    subprocess.run(
        [sys.executable, "-m", *words],
        cwd=workspace.folder,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - begun


def way(name: str, folder: Path) -> tuple[float, float]:
    """Seconds of a whole run, and of one with nothing to do."""
    workspace = Workspace(folder)
    if name != "prefect":
        words = {"dvc": ["dvc", "repro"], "polyglot": ["flows.cli", "run"]}[name]
        return timed(workspace, *words), timed(workspace, *words)
    with started(workspace) as services:
        seconds = []
        for _ in range(2):
            begun = time.perf_counter()
            run = services.run("polyglot/full")
            state = services.ended(run, PATIENCE)
            seconds.append(time.perf_counter() - begun)
            if state["type"] != "COMPLETED":
                raise SystemExit(f"The run ended as {state['name']}: {state['message']}")
        return seconds[0], seconds[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--ways", default="dvc,polyglot,prefect")
    given = parser.parse_args()
    rounds = given.rounds
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in given.ways.split(",")}
    for _ in range(rounds):
        for name, seconds in found.items():
            folder = Path(tempfile.mkdtemp(prefix="orchestration-"))
            seconds.append(way(name, folder / "project"))
            shutil.rmtree(folder)
            print(name, *(f"{second:.1f} s" for second in seconds[-1]), flush=True)
    whole = {name: [run for run, _ in seconds] for name, seconds in found.items()}
    nothing = {name: [idle for _, idle in seconds] for name, seconds in found.items()}
    base = median(whole["dvc"])
    figures = {
        "rounds": rounds,
        "seconds_whole": whole,
        "seconds_nothing_to_do": nothing,
        "over_dvc": {name: median(runs) / base - 1 for name, runs in whole.items()},
        "seconds_a_cached_stage": {name: median(idle) / STAGES for name, idle in nothing.items()},
    }
    command = f"python -m benchmarks.orchestration --rounds {rounds} --ways {given.ways}"
    write("orchestration", command, figures)


if __name__ == "__main__":
    main()
