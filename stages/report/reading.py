"""Files that a partial run may not have written yet."""

import json
from pathlib import Path
from typing import Any

from runtime import files


def optional(path: Path) -> Any | None:
    """The content of a JSON file, or None where there is no such file.

    Raises:
        PolyglotError: the file is there and is no JSON.
    """
    return files.read_json(path) if path.exists() else None


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON lines file, none where there is no such file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
