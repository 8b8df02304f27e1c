"""How much masking finds, how exactly, and what it takes for a number that is none.

    python -m benchmarks.masking_quality [--cases 20000] [--misses 0] [--others PYTHON]

At least ``--cases`` invented texts with numbers of each usual kind and as many with numbers that
only look personal; a tenth as many for each kind that is masked by choice, and for phones in words.
The generator is in ``benchmarks/masking`` and shares nothing with the rules. ``--others`` names a
Python in whose environment presidio-analyzer and scrubadub are installed; datatrove is in the
project's own. The speed is that of every tool, text by text, on the same real reviews
(``POLYGLOT_DATA``).
"""

import argparse
import json
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import measuring, reviews
from benchmarks.masking import cases, numbers, scoring
from benchmarks.masking.cases import Case
from benchmarks.masking.scoring import Found, Score
from stages.mask.masking import Masker
from stages.mask.params import MaskParams

SHORT = 100  # characters around a miss that are shown
EVERYTHING = list(numbers.EXTRA)


def main() -> None:
    """Score every tool and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", type=int, default=0, help="wrong cases to print")
    parser.add_argument("--others", help="the Python of presidio and scrubadub")
    parser.add_argument("--speed-texts", type=int, default=20_000)
    options = parser.parse_args()

    usual, extra = made(options.seed, options.cases)
    spelled = list(cases.spelled(Random(options.seed), options.cases // 10))
    ours = {
        "usual kinds": scoring.scored(usual, our_hits([], usual)),
        "all kinds": scoring.scored(extra, our_hits(EVERYTHING, extra)),
        "spelled phones": scoring.scored(spelled, our_hits([], spelled, spelled_phones=True)),
    }
    figures: dict[str, Any] = {
        "cases": {
            "with usual kinds": sum(bool(case.spans) for case in usual),
            "with other kinds": sum(bool(case.spans) for case in extra),
            "lookalikes": sum(not case.spans for case in usual),
        },
        "polyglot": {name: score.json() for name, score in ours.items()},
    }
    for name, score in ours.items():
        show(name, score, options.misses)
    if options.misses:
        return
    figures["tools"] = compared(usual, extra, options.others, options.speed_texts)
    print(table(figures["tools"]))
    command = f"python -m benchmarks.masking_quality --cases {options.cases} --others PYTHON"
    if options.others:
        print(measuring.write("masking_quality", command, figures))


def made(seed: int, count: int) -> tuple[list[Case], list[Case]]:
    """Cases of the usual kinds, and of the kinds that are masked by choice."""
    rng = Random(seed)
    usual = [case for kind in cases.USUAL for case in cases.positives(rng, kind, count)]
    usual += cases.negatives(rng, count)
    extra = [c for kind in EVERYTHING for c in cases.extra_positives(rng, kind, count // 10)]
    extra += cases.negatives(rng, count // 2, without=("IP address", "company"))
    return usual, extra


def our_hits(
    extra_kinds: list[str], found_in: list[Case], spelled_phones: bool = False
) -> list[Found]:
    """What our rules find."""
    masker = Masker(MaskParams(extra_kinds, False, spelled_phones, 0))
    return [[(hit.kind, hit.start, hit.end) for hit in masker.find(c.text)] for c in found_in]


def show(name: str, score: Score, misses: int) -> None:
    """Print a score, and cases in which something went wrong."""
    print(name, json.dumps(score.json(), ensure_ascii=False, indent=1), flush=True)
    for case, found in score.wrong[:misses]:
        wanted = [(span.kind, case.text[span.start : span.end]) for span in case.spans]
        got = [(kind, case.text[start:end]) for kind, start, end in found]
        print(f"  {case.form}: {case.text[:SHORT]!r} wanted {wanted} got {got}")


def compared(
    usual: list[Case], extra: list[Case], others: str | None, speed_texts: int
) -> dict[str, Any]:
    """Recall, precision and speed of every tool on the same texts."""
    pythons = {"datatrove": sys.executable, "presidio": others, "scrubadub": others}
    real = list(islice(reviews.reviews(), speed_texts))
    size = sum(len(text.encode()) for text in real)
    masker = Masker(MaskParams([], False, False, 0))
    started = time.process_time()
    for text in real:
        masker.find(text)
    seconds = time.process_time() - started
    hits = our_hits([], usual), our_hits(EVERYTHING, extra)
    tools = {"polyglot": _row(usual, extra, hits, size / 1e6 / seconds)}
    for tool, python in pythons.items():
        if python is None:
            tools[tool] = {"not installed": True}
            continue
        (found, _), (found_extra, _), (_, seconds) = (
            run(tool, python, texts)
            for texts in ([c.text for c in usual], [c.text for c in extra], real)
        )
        tools[tool] = _row(usual, extra, (found, found_extra), size / 1e6 / seconds)
    return tools


def _row(
    usual: list[Case], extra: list[Case], hits: tuple[list[Found], list[Found]], speed: float
) -> dict[str, Any]:
    kinds = set(cases.USUAL)
    only = [[h for h in found if h[0] in kinds or h[0] is None] for found in hits[0]]
    of_usual, of_extra = scoring.scored(usual, only).json(), scoring.scored(extra, hits[1]).json()
    return {
        "recall": of_usual["recall"] | of_extra["recall"],
        "nothing left": of_usual["nothing left"] | of_extra["nothing left"],
        "precision, usual kinds": of_usual["precision"],
        "precision, other kinds": of_extra["precision"],
        "mb_per_cpu_second": round(speed, 2),
    }


def run(tool: str, python: str, texts: list[str]) -> tuple[list[Found], float]:
    """What another tool finds, and the processor seconds it takes."""
    script = Path(__file__).parent / "masking/other_tools.py"
    given = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(
        [python, "-P", str(script), tool],
        input=given,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    *lines, seconds = done.stdout.splitlines()
    return [[tuple(hit) for hit in json.loads(line)] for line in lines], float(seconds)


def table(tools: dict[str, Any]) -> str:
    """The comparison as text; recall counts exact boundaries, in brackets what leaves no digit."""
    rows = [["", *tools]]
    for kind in (*cases.USUAL, *EVERYTHING):
        cells = [
            f"{row['recall'][kind]} ({row['nothing left'][kind]})" if "recall" in row else "-"
            for row in tools.values()
        ]
        rows.append([kind, *cells])
    for name in ("precision, usual kinds", "precision, other kinds", "mb_per_cpu_second"):
        rows.append([name, *(str(row.get(name, "-")) for row in tools.values())])
    return "\n".join("".join(cell.ljust(24) for cell in row) for row in rows)


if __name__ == "__main__":
    main()
