"""Of every stage its inputs and outputs, as DVC knows them: from dvc.lock."""

from pathlib import Path
from typing import Any

import yaml

LOCK = Path("dvc.lock")


def facts() -> list[dict[str, Any]]:
    """A row for each file or folder that a stage read or wrote, in the order the stages ran.

    Returns:
        ``stage``; ``way``: ``in`` or ``out``; ``path``; ``hash``, MD5 in hexadecimal digits, with
        ``.dir`` for a folder; ``bytes``. The report itself is left out: what the lock says of it is
        of the run before. Empty before any stage has run.
    """
    if not LOCK.exists():
        return []
    stages = yaml.safe_load(LOCK.read_text(encoding="utf-8"))["stages"]
    return [
        {
            "stage": stage,
            "way": way,
            "path": entry["path"],
            "hash": entry.get("md5", ""),
            "bytes": entry.get("size", 0),
        }
        for stage, record in stages.items()
        if stage != "report"
        for way, key in (("in", "deps"), ("out", "outs"))
        for entry in record.get(key, ())
    ]
