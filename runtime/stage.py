"""The entry point of every stage: one sentence on failure, one record, one owner."""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from runtime import params, paths
from runtime.errors import ERROR, PolyglotError, Unavailable
from runtime.ownership import end_children, end_with_owners
from runtime.progress import Progress
from runtime.tracking import Tracker

FAILED, INTERRUPTED, TERMINATED = 1, 128 + signal.SIGINT, 128 + signal.SIGTERM
TEMPORARY = os.EX_TEMPFAIL  # of an Unavailable: worth another try
FULL = {errno.ENOSPC, errno.EDQUOT}
AWAY = {errno.ESTALE, errno.EREMOTEIO, errno.ETIMEDOUT, errno.ECONNRESET, errno.ECONNREFUSED}
AWAY |= {errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH}


class Terminated(BaseException):
    """SIGTERM arrived; like KeyboardInterrupt, it is no error that a stage may swallow."""


class Stage:
    """What a running stage is given."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.progress = Progress(progress_file(name))
        self.tracker = Tracker.of_stage(name)


def progress_file(name: str) -> Path:
    """Where the stage ``name`` writes how far it is."""
    return paths.STATE / "progress" / f"{name}.json"


def error_file(name: str) -> Path:
    """Where the stage ``name`` leaves the sentence of its failure."""
    return progress_file(name).with_suffix(".error")


def run(name: str, body: Callable[[Stage], None], section: str = "") -> NoReturn:
    """Run ``body`` as the stage ``name`` and exit with its code.

    ``section`` is the dotted place of the stage's parameters where it is not the stage's name.
    """
    progress_file(name).parent.mkdir(parents=True, exist_ok=True)
    for stale in (progress_file(name), error_file(name)):
        stale.unlink(missing_ok=True)
    os.environ[ERROR] = str(error_file(name).resolve())
    end_with_owners()
    stage = Stage(name)

    def recorded() -> None:
        stage.tracker.start(name, {"stage": name, "profile": str(params.read().get("profile"))})
        stage.tracker.params(parameters(section or name))
        body(stage)

    code = guard(recorded)
    end_children()
    interrupted = code in (INTERRUPTED, TERMINATED)
    stage.tracker.end("FINISHED" if code == 0 else "KILLED" if interrupted else "FAILED")
    sys.exit(code)


def parameters(section: str) -> dict[str, Any]:
    """A section of params.yaml such as ``gates.masked``; empty where there is none."""
    values: Any = params.read()
    for key in section.split("."):
        values = values.get(key) or {}
    return values


def guard(body: Callable[[], None]) -> int:
    """Run ``body``; what goes wrong becomes one sentence on stderr and an exit code."""

    def terminate(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once: a second must not cut the end short
        raise Terminated

    signal.signal(signal.SIGTERM, terminate)
    try:
        body()
    except Unavailable as error:
        return tell(str(error), TEMPORARY)
    except PolyglotError as error:
        return tell(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Terminated:
        return TERMINATED
    except OSError as error:
        if error.errno in AWAY:
            return tell(f"A file server or a network is away: {error}.", TEMPORARY)
        if error.errno not in FULL:
            return _unexpected(error)
        where = f" while writing {error.filename}" if error.filename else ""
        return tell(f"The disk is full{where}: free some space and run again.")
    except Exception as error:
        return _unexpected(error)
    return 0


def _unexpected(error: Exception) -> int:
    traceback.print_exc()  # a defect of ours: the log keeps all of it
    return tell(f"Unexpected {type(error).__name__}: the traceback stands in the log.")


def tell(sentence: str, code: int = FAILED) -> int:
    """Print the sentence of a failure and leave it where the runner looks; returns ``code``."""
    print(sentence, file=sys.stderr, flush=True)
    if path := os.environ.get(ERROR):
        try:
            with open(path, "x", encoding="utf-8") as file:  # of several processes the first tells
                file.write(sentence)
        except OSError:
            pass
    return code
