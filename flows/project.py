"""Where the project is, and the environment that its file ``.env`` gives."""

import os
from pathlib import Path

from dotenv import load_dotenv

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
            load_dotenv(folder / ".env")  # what is set already wins
            return
    raise PolyglotError("No project here: start polyglot in a clone of polyglot-ko.")
