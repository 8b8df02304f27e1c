"""Workspaces: git worktrees of this project, whose runs go side by side.

Each has params, data and records of its own, and shares the DVC cache: what one has computed, the
others take from there. They lie in ``workspaces/``, which neither git nor DVC looks into.
"""

import os
import re
import subprocess
from configparser import ConfigParser
from pathlib import Path

from dvc.repo import Repo
from filelock import FileLock

from runtime import paths
from runtime.errors import PolyglotError

FOLDER = Path("workspaces")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
LOCAL = Path(".dvc/config.local")


def enter(name: str | None) -> None:
    """Work in the workspace ``name`` of the project in the working folder; none: in itself.

    One that is not there yet begins at the commit that is checked out.

    Raises:
        PolyglotError: the name is none, or git cannot make the worktree.
    """
    if not name:
        return
    if not NAME.fullmatch(name):
        raise PolyglotError(
            f"A workspace cannot be named {name!r}: letters, digits, hyphens, dots, underscores."
        )
    folder = FOLDER / name
    paths.STATE.mkdir(exist_ok=True)
    with FileLock(paths.STATE / "workspaces.lock"):
        if not (folder / LOCAL).exists():
            _add(folder)
    os.chdir(folder)


def _add(folder: Path) -> None:
    if not folder.exists():
        words = ["git", "worktree", "add", "--quiet", "--detach", str(folder), "HEAD"]
        added = subprocess.run(words, capture_output=True, text=True, check=False)
        if added.returncode:
            reason = (added.stderr.strip().splitlines() or ["git failed"])[-1]
            raise PolyglotError(
                f"The workspace {folder.name} cannot be made: {reason.rstrip('.')}."
            )
    settings = ConfigParser(interpolation=None)
    settings.read(LOCAL)  # such as the credentials of remotes
    if not settings.has_section("cache"):
        settings.add_section("cache")
    with Repo(".") as repo:
        settings.set("cache", "dir", str(repo.cache.local_cache_dir))
    with (folder / LOCAL).open("w", encoding="utf-8") as file:
        settings.write(file)
    (folder / LOCAL).chmod(0o600)
