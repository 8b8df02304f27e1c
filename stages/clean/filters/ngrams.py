"""Phrases said again and again."""

from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np

from runtime.ledger import Ledger
from stages.clean.filters.base import Text, TextFilter
from stages.clean.params import RepetitionParams

Ngram = tuple[str, ...]

_LETTERS = np.random.default_rng(0).integers(0, 1 << 63, 1 << 16, dtype=np.uint64)  # hashes
_LETTERS[[ord(" "), ord("\n")]] = 0
_ORDER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that a pair and its reverse differ
_ZERO = np.zeros(1, np.int64)
_SIZE = np.uint64(0xFFF)  # the bits of a key that hold the pair's length, spaces included


class RepeatedNgrams(TextFilter):
    """``repeated_ngrams``: too much of the text is one phrase of two to four words, or phrases of
    five to ten words that occurred before.

    Gopher's rules (arXiv:2112.11446, table A1), thresholds as FineWeb-2 fitted them to Korean
    (huggingface/fineweb-2, configs/kor_Hang.yml).
    """

    name = "repeated_ngrams"

    def __init__(self, ledger: Ledger, rejected: Path | None, params: RepetitionParams) -> None:
        super().__init__(ledger, rejected)
        self.params = params
        self.least = min(  # the share of repeats below which no threshold can be passed
            chain(
                (share / 2 for share in params.top_ngrams.values()),
                params.duplicate_ngrams.values(),
            )
        )

    def reason(self, text: Text) -> str | None:
        if text.gaps + 1 < self.params.min_words:
            return None
        if self.suspicious(text) and self.repetitive(text.text.split(), text.visible):
            return "repeated_ngrams"
        return None

    def suspicious(self, text: Text) -> bool:
        """A cheap look: False only if ``repetitive`` is False.

        All pairs of neighbours in a repeated phrase occurred before. So repeated phrases cover no
        more characters than repeated pairs do; and the first occurrence of a phrase, which the most
        frequent one adds, no more than the second.
        """
        return in_repeated_pairs(text.text) > self.least * text.visible

    def repetitive(self, words: list[str], total: int) -> bool:
        """The rule itself."""
        return any(
            covered_by_top(words, n) > share * total for n, share in self.params.top_ngrams.items()
        ) or any(
            covered_by_repeats(words, n) > share * total
            for n, share in self.params.duplicate_ngrams.items()
        )


def in_repeated_pairs(text: str) -> int:
    """At least the characters in pairs of words that occurred before, by hashes of the words.

    A word's hash is the sum of its letters': words that share one, such as anagrams, can only make
    the number larger, as can a pair of words too long for the bits of its length.
    """
    codes = np.frombuffer(text.encode("utf-16-le"), "<u2")
    starts = np.flatnonzero(codes <= ord(" "))
    starts += 1
    if "\n\n" in text:  # no word begins with the second
        starts = starts[codes[starts] > ord(" ")]
    words = np.add.reduceat(_LETTERS.take(codes), np.concatenate((_ZERO, starts)))
    ends = np.concatenate((_ZERO, starts, [len(codes) + 1]))
    sizes = (ends[2:] - ends[:-2]).view(np.uint64)
    if sizes.max(initial=0) > _SIZE:
        return len(text)
    keys = words[:-1] * _ORDER
    keys += words[1:]
    keys &= ~_SIZE
    keys |= sizes
    keys.sort()
    repeated = keys[1:][keys[1:] == keys[:-1]]
    return int((repeated & _SIZE).sum())


def _ngrams(words: list[str], n: int) -> list[Ngram]:
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def covered_by_top(words: list[str], n: int) -> int:
    """Characters within any occurrence of the most frequent n-gram; 0 if none occurs twice."""
    ngrams = _ngrams(words, n)
    if not ngrams:
        return 0
    top, count = Counter(ngrams).most_common(1)[0]
    if count < 2:
        return 0
    covered, end = 0, 0
    for start, ngram in enumerate(ngrams):
        if ngram == top:
            covered += sum(map(len, words[max(start, end) : start + n]))
            end = start + n
    return covered


def covered_by_repeats(words: list[str], n: int) -> int:
    """Characters in n-grams that occurred before, each counted once."""
    ngrams = _ngrams(words, n)
    if len(set(ngrams)) == len(ngrams):
        return 0
    seen: set[Ngram] = set()
    covered, start = 0, 0
    while start < len(ngrams):
        if ngrams[start] in seen:
            covered += sum(map(len, ngrams[start]))
            start += n
        else:
            seen.add(ngrams[start])
            start += 1
    return covered
