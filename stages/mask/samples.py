"""A few masked places of every rule and source, for a person to look at, with no digit in them.

Which places are kept hangs on document and place alone, so that it is the same for any number of
workers, and each is as likely as any other.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from stages.mask.kinds import KINDS
from stages.mask.masking import Hit

AROUND = 60  # characters kept on either side

_CUT_BEFORE = re.compile(r"^\|?\w*\|>")  # what is left of a token at either end
_CUT_AFTER = re.compile(r"<\|?\w*\|?$")
_HIDDEN = re.compile(
    r"[^\s@<>]+(?=@)|[공영일이삼사오육륙칠팔구]{3,}"
)  # e-mail names, spelled digits


@dataclass(frozen=True)
class Sample:
    """What stands ``before`` and ``after`` a token."""

    source: str
    kind: str
    rule: str
    document: str
    place: int  # characters of the text before masking
    before: str
    after: str

    @property
    def rank(self) -> str:
        return _rank(self.document, self.place)


class Samples:
    """Keeps at most ``most`` samples of a rule in a source."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: defaultdict[tuple[str, str, str], dict[str, Sample]] = defaultdict(dict)

    def offer(self, source: str, document: str, hits: Iterable[Hit], masked: str) -> None:
        """Look at the hits in a document, given its text after masking."""
        shift = 0  # between a place in the original and in the masked text
        for hit in hits:
            start = hit.start + shift
            end = start + len(KINDS[hit.kind].token)
            shift = end - hit.end
            kept = self._kept[source, hit.kind, hit.rule]
            if len(kept) < self._most or _rank(document, hit.start) < max(kept, default=""):
                before, after = _around(masked, start, end)
                self.add(Sample(source, hit.kind, hit.rule, document, hit.start, before, after))

    def add(self, sample: Sample) -> None:
        """Keep a sample, unless there are enough that rank before it."""
        kept = self._kept[sample.source, sample.kind, sample.rule]
        kept[sample.rank] = sample
        if len(kept) > self._most:
            del kept[max(kept)]

    def json(self) -> list[dict[str, Any]]:
        """By source, kind and rule."""
        groups = (kept for _, kept in sorted(self._kept.items()))
        return [asdict(sample) for kept in groups for _, sample in sorted(kept.items())]


def _rank(document: str, place: int) -> str:
    return hashlib.sha256(f"{document} {place}".encode()).hexdigest()


def _around(masked: str, start: int, end: int) -> tuple[str, str]:
    # Twice as far is hidden first, so that nothing passes by being cut in two.
    before = hidden(masked[max(0, start - 2 * AROUND) : start])[-AROUND:]
    after = hidden(masked[end : end + 2 * AROUND])[:AROUND]
    return _CUT_BEFORE.sub("", before), _CUT_AFTER.sub("", after)


def hidden(text: str) -> str:
    """As long as ``text``, with ``#`` for digits of any script, spelled ones and e-mail names."""
    text = _HIDDEN.sub(lambda run: "#" * len(run[0]), text)
    return "".join("#" if character.isnumeric() else character for character in text)
