"""Trainings that run, and are disturbed."""

import subprocess
import time

import psutil
from pretrain_project import Project


def wait_for_step(project: Project, step: int, process: subprocess.Popen[str]) -> None:
    """Until the running training has logged ``step``."""
    deadline = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < deadline:
        for curve in project.folder.glob("data/checkpoints/*/curve.jsonl"):
            if f'{{"step": {step},' in curve.read_text():
                return
        time.sleep(0.01)
    raise AssertionError(f"never came to step {step}: {process.communicate()[0]}")


def rank(process: subprocess.Popen[str], number: int) -> psutil.Process:
    """One of the training's ranks."""
    for child in psutil.Process(process.pid).children():
        if child.environ().get("RANK") == str(number):
            return child
    raise AssertionError(f"no rank {number}")
