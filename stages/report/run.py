"""What was run: profile, parameters, code, machine and versions."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from runtime import files, params, paths

LIBRARIES = (
    "datatrove",
    "tokenizers",
    "torch",
    "deepspeed",
    "transformers",
    "lm_eval",
    "great_expectations",
    "mlflow",
    "dvc",
    "prefect",
)


def facts() -> dict[str, Any]:
    """Nothing in it changes between two runs on the same machine: no time of day."""
    present = paths.PARAMS.exists()
    return {
        "profile": params.read().get("profile") if present else None,
        "params": paths.PARAMS.read_text(encoding="utf-8") if present else None,
        "params_hash": files.sha256(paths.PARAMS)[:12] if present else None,
        "commit": commit(),
        "machine": machine(),
        "versions": {"python": platform.python_version(), **versions()},
    }


def commit() -> str | None:
    """The checked-out commit, or None outside a repository."""
    command = ["git", "rev-parse", "--short=10", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def machine() -> str:
    """Processor, cores and memory that this machine, or the part of it lent to us, has."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"


def processor() -> str:
    """The processor's name where Linux tells it, else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def versions() -> dict[str, str]:
    """Versions of the libraries whose results are in the report."""
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found
