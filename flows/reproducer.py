"""DVC in a process of its own, which brings one stage after the other up to date.

To start DVC anew takes a second, for each of the stages. ``Reproducer`` is the runner's side;
``python -m flows.reproducer`` is the other: it reads requests, and answers with DVC's exit codes.
"""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from runtime import launch

POLL = 0.2  # seconds between two looks at a running stage


class Reproducer:
    """A running DVC. Its process group is that of the stage it runs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flows.reproducer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            start_new_session=True,
        )

    def reproduce(self, stage: str, log: Path, force: bool, watch: Callable[[], None]) -> int:
        """``dvc repro`` of a stage alone; whatever ends this call early ends the whole group.

        Args:
            stage: Its name.
            log: Where everything goes that DVC and the stage print.
            force: Run it even if it is up to date.
            watch: Called several times a second while the stage works.

        Returns:
            DVC's exit code, negative if a signal has ended it.
        """
        assert self._process.stdin and self._process.stdout
        request = {"stage": stage, "log": str(log), "force": force}
        try:
            print(json.dumps(request), file=self._process.stdin, flush=True)
            while not select.select([self._process.stdout], [], [], POLL)[0]:
                watch()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        except BaseException:
            _end_group(self._process.pid, launch.load().grace)
            self._process.wait()
            raise
        return int(answer) if answer else self._process.wait()

    @property
    def alive(self) -> bool:
        """Whether it takes another stage."""
        return self._process.poll() is None

    def close(self) -> None:
        """Let it end: it does when no more requests can come."""
        self._process.communicate()


def _end_group(group: int, grace: float) -> None:
    """SIGTERM to a process group; SIGKILL to what is left of it after ``grace`` seconds."""
    members = [p for p in psutil.process_iter() if _group_of(p.pid) == group]
    _signal_group(group, signal.SIGTERM)
    _, alive = psutil.wait_procs(members, timeout=grace)
    if alive:
        _signal_group(group, signal.SIGKILL)
        psutil.wait_procs(alive)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def serve() -> None:
    """Answer each request of standard input with a line on standard output."""
    from dvc.cli import main

    inherited = dict(os.environ)
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    _point_to(os.devnull, os.O_RDWR, 0, 1)  # stages must not read the one and write the other
    for request in map(json.loads, requests):
        _point_to(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 1, 2)
        words = ["--wait-for-lock", "repro", "--single-item", request["stage"]]
        if request["force"]:
            words.append("--force")
        fresh = {launch.FRESH: "1"} if request["force"] else {}
        os.environ.clear()
        os.environ.update(inherited | fresh)
        print(main(words), file=answers, flush=True)


def _point_to(path: str, flags: int, *descriptors: int) -> None:
    opened = os.open(path, flags, 0o666)
    for descriptor in descriptors:
        os.dup2(opened, descriptor)
    os.close(opened)


if __name__ == "__main__":
    serve()
