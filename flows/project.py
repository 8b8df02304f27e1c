"""Where the project is."""

import os
from pathlib import Path

from runtime.errors import PolyglotError


def enter() -> None:
    """Work in the project around the working folder, or in the one this package belongs to.

    Raises:
        PolyglotError: there is neither.
    """
    here = Path.cwd()
    installed = Path(__file__).resolve().parent.parent
    for folder in (here, *here.parents, installed):
        if (folder / "dvc.yaml").exists() and (folder / "conf" / "profile").is_dir():
            os.chdir(folder)
            return
    raise PolyglotError("No project here: start polyglot in a clone of polyglot-ko.")
