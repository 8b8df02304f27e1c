"""How well hits meet the truth."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.masking.cases import Case, Span

Found = list[tuple[str | None, int, int]]  # kind, if the tool tells it; start; end


@dataclass
class Score:
    """Counts over cases; a number is exact if kind and both ends are right."""

    numbers: Counter[str] = field(default_factory=Counter)  # by kind
    exact: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)  # no digit of the number is left
    hits: int = 0
    right: int = 0
    false_in: Counter[str] = field(default_factory=Counter)  # by the form of the case
    missed_in: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Case, Found]] = field(default_factory=list)

    def add(self, case: Case, found: Found) -> None:
        """Compare what was found in a case with what is there."""
        truth = {(span.start, span.end): span.kind for span in case.spans}
        right = [hit for hit in found if _right(hit, truth)]
        ends = {hit[1:] for hit in right}
        for span in case.spans:
            self.numbers[span.kind] += 1
            self.exact[span.kind] += (span.start, span.end) in ends
            self.covered[span.kind] += _covered(case.text, span, found)
            self.missed_in[case.form] += (span.start, span.end) not in ends
        self.hits += len(found)
        self.right += len(right)
        self.false_in[case.form] += len(found) - len(right)
        if len(right) < max(len(found), len(truth)):
            self.wrong.append((case, found))

    def json(self) -> dict[str, Any]:
        """Shares in percent."""
        return {
            "recall": {
                kind: _percent(self.exact[kind], count) for kind, count in self.numbers.items()
            },
            "nothing left": {
                kind: _percent(self.covered[kind], count) for kind, count in self.numbers.items()
            },
            "precision": _percent(self.right, self.hits),
            "numbers": dict(self.numbers),
            "hits": self.hits,
            "false in": {form: n for form, n in self.false_in.most_common() if n},
            "missed in": {form: n for form, n in self.missed_in.most_common() if n},
        }


def scored(cases: Iterable[Case], found: Iterable[Found]) -> Score:
    """The score of one tool."""
    score = Score()
    for case, hits in zip(cases, found, strict=True):
        score.add(case, hits)
    return score


def _right(hit: tuple[str | None, int, int], truth: dict[tuple[int, int], str]) -> bool:
    kind, start, end = hit
    return (start, end) in truth and kind in (None, truth[start, end])


def _covered(text: str, span: Span, found: Found) -> bool:
    hidden = {place for _, start, end in found for place in range(start, end)}
    left = (place for place in range(span.start, span.end) if text[place].isdigit())
    return all(place in hidden for place in left)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 3) if whole else None
