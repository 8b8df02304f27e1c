"""What is asked of Slurm: its commands, and the jobs as its controller sees them.

The controller is asked, which remembers a job for a few minutes: small clusters keep no accounts.
"""

import hashlib
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from runtime.errors import PolyglotError, Unavailable
from runtime.ownership import die_with_parent

ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED"}
ENDED |= {"BOOT_FAIL", "DEADLINE"}
OF_THE_CLUSTER = {"NODE_FAIL", "BOOT_FAIL", "PREEMPTED"}  # another try may find better nodes

CAUSES = {
    "OUT_OF_MEMORY": "ran out of memory (see infra/launch)",
    "TIMEOUT": "reached its time limit (see infra/launch)",
    "CANCELLED": "was cancelled",
    "NODE_FAIL": "lost its node",
    "BOOT_FAIL": "found no node that boots",
    "PREEMPTED": "was preempted",
}


# What its commands say where the controller cannot be reached, or is too busy.
AWAY = ("Unable to contact", "timed out", "temporarily unable", "Zero Bytes")


class Unanswered(PolyglotError):
    """Slurm refused a command, or is not there to answer it."""


class Away(Unanswered, Unavailable):
    """It is not there to answer."""


class Job(NamedTuple):
    """A task as the controller sees it."""

    array: str
    task: str
    state: str
    status: str  # as of wait(2)
    reason: str

    @property
    def exit_code(self) -> int:
        """As of a shell, or the negative number of the signal."""
        code = os.waitstatus_to_exitcode(int(self.status))
        return 128 - code if code > 128 else code


def outside(what: str) -> None:
    """Refuse to start ``what`` inside a job.

    Raises:
        PolyglotError: this process runs in one.
    """
    if "SLURM_JOB_ID" in os.environ:
        raise PolyglotError(
            f"{what} cannot be started from inside a Slurm job: start polyglot on the cluster's "
            "login node."
        )


def job_name(stage: str, folder: Path) -> str:
    """The name of all jobs that work in ``folder``: known even where no job id could be noted."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()
    return f"polyglot-{stage}-{digest[:16]}"


def jobs(name: str) -> list[Job]:
    """All of this user's jobs of a name that the controller remembers.

    Raises:
        Unanswered: it does not answer.
    """
    fields = "ArrayJobID:20,ArrayTaskID:12,State:20,exit_code:12,Reason:60"
    words = ["--me", "--noheader", "--array", "--states=all", f"--name={name}", "-O", fields]
    return [Job(*line.split()[:5]) for line in ask(["squeue", *words]).splitlines()]


def counts(jobs: list[Job]) -> str:
    """``12 running, 88 waiting (Resources)``."""
    running = sum(job.state != "PENDING" for job in jobs)
    reasons = Counter(job.reason for job in jobs if job.state == "PENDING")
    if not reasons:
        return f"{running} running"
    return f"{running} running, {len(jobs) - running} waiting ({reasons.most_common(1)[0][0]})"


def ask(words: list[str], script: str = "") -> str:
    """What a command of Slurm answers; it does not outlive us, or it might still submit.

    Raises:
        PolyglotError: there is no such command here.
        Unanswered: it failed; ``Away`` if the controller cannot be reached.
    """
    try:
        done = subprocess.run(
            words,
            input=script,
            capture_output=True,
            text=True,
            preexec_fn=die_with_parent,
        )
    except FileNotFoundError:
        raise PolyglotError(f"{words[0]} is not on this machine: is it a login node?") from None
    if done.returncode:
        line = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[0]
        kind = Away if any(sign in line for sign in AWAY) else Unanswered
        raise kind(f"Slurm refused: {line.rstrip('.')}.")
    return done.stdout
