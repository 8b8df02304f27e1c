"""Repeated characters, as the Polyglot-Ko technical report calls them (arXiv:2306.02254)."""

import re

import numpy as np

from runtime.ledger import Ledger
from stages.clean.repairs.base import Repair

UNIT = 5  # characters of the longest unit that repeats: ㅋㅋㄹㅃㅃ
CHUNK = 1_000  # units cut at a time: the expression keeps a note of each
SHORT = 300  # characters; below it the expression itself is faster than the look


class Repeats(Repair):
    """Cuts ``ㅋㅋㅋㅋㅋㅋㅋㅋ`` to ``limit`` times the same one to five characters.

    Digits and asterisks are left alone (``10000원``, ``900101-1******``), and so is what follows a
    digit or a hyphen, where other characters may stand for hidden digits.
    """

    name = "repeats"

    def __init__(self, ledger: Ledger, limit: int) -> None:
        super().__init__(ledger)
        self.limit = limit
        self._run = re.compile(
            rf"(?<![0-9０-９-])(([^\s0-9０-９*]{{1,{UNIT}}}?)\2{{{limit - 1}}})\2{{1,{CHUNK}}}"
        )

    def repair(self, text: str) -> str:
        if len(text) < SHORT:
            return self._run.sub(r"\1", text)
        parts, end = [], 0
        for start, stop in repetitive_lines(text, self.limit):
            parts += [text[end:start], self._cut(text[start:stop])]
            end = stop
        return "".join([*parts, text[end:]]) if parts else text

    def _cut(self, line: str) -> str:
        while True:
            shorter = self._run.sub(r"\1", line)
            if len(shorter) == len(line) or len(line) <= CHUNK:
                return shorter
            line = shorter


def repetitive_lines(text: str, limit: int) -> list[tuple[int, int]]:
    """Start and end of every line where some one to five characters stand over ``limit`` times.

    A run of more than ``limit`` units of k characters is k · ``limit`` characters or more that
    equal the one k before.
    """
    codes = np.frombuffer(text.encode("utf-16-le"), "<u2")
    if len(codes) > len(text):  # emoji and the like take two
        codes = np.frombuffer(text.encode("utf-32-le"), "<u4")
    lines = set()
    for k in range(1, UNIT + 1):
        equal = (codes[k:] == codes[:-k]).tobytes()
        run = b"\1" * (k * limit)
        at = equal.find(run)
        while at >= 0:
            start, stop = text.rfind("\n", 0, at + k) + 1, text.find("\n", at + k)
            stop = len(text) if stop < 0 else stop
            lines.add((start, stop))
            at = equal.find(run, max(stop - k, at + 1))
    return sorted(lines)
