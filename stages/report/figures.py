"""The page's charts as files of their own."""

import shutil
from pathlib import Path
from typing import Any

from runtime import files

STYLE = """<style>
svg{background:#fff}text{fill:#5b6470;font:12px system-ui,"Noto Sans KR",sans-serif}
.grid{stroke:#e1e5ea}.mark{stroke:#5b6470;stroke-dasharray:3 3}
.line{fill:none;stroke-width:1.75;stroke-linejoin:round}.bar-line{stroke-width:1.5}
.a,.own{stroke:#2563c9}.b,.own2{stroke:#d9600d}
.m1{stroke:#a3abb6}.m2{stroke:#8c5a3c}.m3{stroke:#b04a9b}.m4{stroke:#0f8a6d}
.m5{stroke:#7fae2e}.m6{stroke:#e0a419}.m7{stroke:#5a6f8f}
</style>"""


def write(facts: dict[str, Any], folder: Path) -> None:
    """A file for each chart of the training and each plot of KOBEST, ``<name>.svg``."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    charts = [
        (chart["name"], chart["svg"]) for chart in (facts["training"] or {}).get("charts", [])
    ]
    plots = [(table["task"], table["plot"]) for table in (facts["kobest"] or {}).get("tables", [])]
    for name, svg in [*charts, *plots]:
        files.write_text(folder / f"{name}.svg", standing_alone(svg))


def standing_alone(svg: str) -> str:
    """An inline ``<svg>`` with its name space and colours."""
    head, _, rest = svg.partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg">{STYLE}{rest}'
