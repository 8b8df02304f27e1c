"""Nothing keeps running that nobody owns: a process ends when the one it works for is gone."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

import psutil

DVC = {"dvc", "flows.reproducer"}  # what its command line names
OWNER = "POLYGLOT_OWNER"  # environment: the process id of the runner
FLOW_RUN = "PREFECT__FLOW_RUN_ID"  # environment: set by the worker
PR_SET_PDEATHSIG = 1  # prctl(2)
INTERVAL = 1.0  # seconds between two looks at the owners
PATIENCE = 600.0  # seconds that a process whose owner is gone has to end in good order


def die_with_parent() -> None:
    """For a child just forked: the kernel kills it when its parent dies, even of SIGKILL."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_children(grace: float = 5.0) -> None:
    """End every process below this one: SIGTERM, and SIGKILL after ``grace`` seconds."""
    children = psutil.Process().children(recursive=True)
    for child in children:
        _signal(child, signal.SIGTERM)
    _, alive = psutil.wait_procs(children, timeout=grace)
    for child in alive:
        _signal(child, signal.SIGKILL)


def end_with_owners() -> None:
    """Watch the runner and the DVC process above this one; when one is gone, end in good order.

    Good order is what SIGTERM brings about: training, for one, writes a checkpoint first.
    """
    owners = _owners()
    if owners:
        threading.Thread(target=_watch, args=(owners,), daemon=True).start()


def end_with_worker() -> None:
    """In a flow that a Prefect worker has started: when the worker is gone, end in good order."""
    if FLOW_RUN in os.environ:
        parent = psutil.Process().parent()
        threading.Thread(target=_watch, args=([parent] if parent else [],), daemon=True).start()


def _owners() -> list[psutil.Process]:
    """The parents up to DVC's own process, and the runner named in the environment."""
    parents = psutil.Process().parents()
    dvc = next((i for i, parent in enumerate(parents) if _is_dvc(parent)), None)
    owners = parents[: dvc + 1] if dvc is not None else []
    if runner := os.environ.get(OWNER):
        try:
            owners.append(psutil.Process(int(runner)))
        except psutil.NoSuchProcess:
            _end()
    return owners


def _is_dvc(process: psutil.Process) -> bool:
    try:
        return any(os.path.basename(word) in DVC for word in process.cmdline()[:3])
    except psutil.Error:
        return False


def _watch(owners: list[psutil.Process]) -> None:
    while all(owner.is_running() for owner in owners):
        time.sleep(INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    _end()


def _end() -> None:
    end_children()
    os._exit(128 + signal.SIGKILL)


def run_owned(command: list[str]) -> int:
    """Run a command that does not know of us; its exit code.

    SIGTERM is passed on to it; when our parent is gone it ends with all below it, which the kernel
    would do for the command, but not for the processes that it has started.
    """
    parent = os.getppid()
    child = subprocess.Popen(command, preexec_fn=_heed_ctrl_c)
    signal.signal(signal.SIGTERM, lambda number, frame: child.terminate())
    while child.poll() is None:
        if os.getppid() != parent:
            end_children()
        time.sleep(INTERVAL)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _heed_ctrl_c() -> None:
    """Scripts let their background jobs ignore SIGINT, by which Prefect's worker ends itself."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


if __name__ == "__main__":
    sys.exit(run_owned(sys.argv[1:]))
