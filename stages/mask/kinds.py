"""The kinds of personal information, from ``kinds.yaml``."""

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Kind:
    token: str  # what is written in place of the original
    title: str
    korean: str
    optional: bool = False


KINDS = {
    name: Kind(**values)
    for name, values in yaml.safe_load(
        Path(__file__).with_name("kinds.yaml").read_text(encoding="utf-8")
    ).items()
}
