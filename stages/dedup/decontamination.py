"""Which documents hold an item of the evaluation's test sets.

Texts are compared by their letters and digits alone. A document holds an item if it holds

- of a long text (two n-grams and more) at least ``share`` of the n-grams, wherever they stand: an
  edited or shortened copy is still one;
- of a text of one n-gram and more the whole, from the beginning of an eojeol to the end of one;
- of an item whose texts are all shorter, two of them within ``WINDOW`` characters: many a story
  says `두꺼운 이불을 덮었다` like a premise of COPA, few go on with one of its alternatives;
- of an item that is one text, it alone if it has ``min_characters``;
- of a still shorter one, nothing else: `좋아요` is an item of SentiNeg, and countless documents say
  so among other things.

On 665,000 film reviews, comments and questions, 38 documents hold an item of KOBEST, and all are
such as `좋아요`. Of KOBEST's own training paragraphs those that share a fifth of a test paragraph's
n-grams of 16 have a sentence or more in common with it; below are texts on like things (the NASDAQ
and the KOSDAQ, 16%).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa

from stages.dedup.characters import Piece, hashes, pieces, points
from stages.dedup.items import Item
from stages.dedup.params import DecontaminationParams

WINDOW = 100  # letters and digits between two texts of an item, from beginning to beginning
ANCHORS = (8, 4, 2, 1)  # whole texts are looked up by so many of their first characters
BITS = 22  # of a hash, for a first look in a table of 4 MB


class _Table:
    """Which of many hashes are among a few known ones."""

    def __init__(self, known: np.ndarray) -> None:
        self.known = np.unique(known)
        self._seen = np.zeros(1 << BITS, bool)
        self._seen[self.known >> np.uint64(64 - BITS)] = True

    def find(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where in ``values`` a known hash stands, and its place in ``known``."""
        maybe = np.flatnonzero(self._seen[values >> np.uint64(64 - BITS)])
        places = np.searchsorted(self.known, values[maybe])
        places[places == len(self.known)] = 0
        right = self.known[places] == values[maybe] if len(self.known) else np.zeros(0, bool)
        return maybe[right], places[right]


class LongTexts:
    """Texts found by a share of their n-grams."""

    def __init__(self, texts: dict[str, set[int]], ngram: int, share: float) -> None:
        self.items = [sorted(items) for items in texts.values()]
        self.ngram = ngram
        grams = [np.unique(hashes(points(text), ngram)) for text in texts]
        self.needed = np.array([np.ceil(share * len(found)) for found in grams])
        owners = np.repeat(np.arange(len(grams)), [len(found) for found in grams])
        every = np.concatenate([np.empty(0, np.uint64), *grams])
        self.table = _Table(every)
        order = np.argsort(every, kind="stable")
        self.owners = owners[order]  # texts, gram after gram in the table's order
        self.first = np.searchsorted(every[order], self.table.known)
        self.owned = np.diff(np.append(self.first, len(every)))

    def find(self, piece: Piece) -> np.ndarray:
        """int64 [hits, 2]: document and place in the table of every known n-gram."""
        values, positions = piece.windows(self.ngram)
        where, places = self.table.find(values)
        if not len(where):
            return np.empty((0, 2), np.int64)
        text_of = piece.text_of()
        return np.stack([text_of[positions[where]] + piece.first, places], axis=1)

    def held(self, hits: list[np.ndarray]) -> Iterator[tuple[int, int]]:
        """Documents and the items they hold, from all hits of those documents."""
        found = np.concatenate([np.empty((0, 2), np.int64), *hits])
        if not len(found):
            return
        document, gram = np.unique(found, axis=0).T
        owned = self.owned[gram]
        shift = np.arange(owned.sum()) - np.repeat(np.cumsum(owned) - owned, owned)
        text = self.owners[np.repeat(self.first[gram], owned) + shift]
        pairs, counts = np.unique(
            np.stack([np.repeat(document, owned), text], axis=1), axis=0, return_counts=True
        )
        for number, owner in pairs[counts >= self.needed[pairs[:, 1]]].tolist():
            for item in self.items[owner]:
                yield number, item


class WholeTexts:
    """Texts found from the beginning of an eojeol to the end of one."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.by_anchor: list[tuple[int, _Table, list[list[str]]]] = []
        rest = set(texts)
        for anchor in ANCHORS:
            taken = sorted(text for text in rest if len(text) >= anchor)
            if not taken:
                continue
            rest.difference_update(taken)
            keys = np.array([hashes(points(text[:anchor]), anchor)[0] for text in taken], np.uint64)
            table = _Table(keys)
            lists: list[list[str]] = [[] for _ in table.known]
            for place, text in zip(np.searchsorted(table.known, keys), taken, strict=True):
                lists[place].append(text)
            self.by_anchor.append((anchor, table, lists))

    def find(self, piece: Piece) -> Iterator[tuple[int, int, str]]:
        """Document, position in the piece and text of every hit."""
        if not len(piece.codes):
            return
        stream = piece.codes.tobytes().decode("utf-32-le")
        begins = np.flatnonzero(piece.opens)
        for anchor, table, lists in self.by_anchor:
            positions = begins[begins <= len(piece.codes) - anchor]
            if not len(positions):
                continue
            where, places = table.find(hashes(piece.codes, anchor)[positions])
            for position, place in zip(positions[where].tolist(), places.tolist(), strict=True):
                for text in lists[place]:
                    end = position + len(text)
                    if stream.startswith(text, position) and piece.closes[end - 1]:
                        number = int(np.searchsorted(piece.starts, position, "right")) - 1
                        if end <= piece.starts[number + 1]:
                            yield number + piece.first, position, text


class Decontamination:
    """Finds the items that documents hold."""

    def __init__(self, items: list[Item], params: DecontaminationParams) -> None:
        self.tasks = [item.task for item in items]
        long: dict[str, set[int]] = defaultdict(set)
        self.alone: dict[str, set[int]] = defaultdict(set)  # texts that tell items by themselves
        self.beside: dict[str, set[int]] = defaultdict(set)  # that do beside another of the item
        self.entire: dict[str, set[int]] = defaultdict(set)  # that do as a whole document
        for number, item in enumerate(items):
            texts = [*item.telling, *item.answers]
            for text in item.telling:
                if len(text) >= 2 * params.ngram:
                    long[text].add(number)
                elif len(text) >= (params.ngram if len(texts) > 1 else params.min_characters):
                    self.alone[text].add(number)
                elif text:
                    self.entire[text].add(number)
            if len(texts) > 1 and max(map(len, item.telling)) < params.ngram:
                for text in texts:
                    self.beside[text].add(number)
        self.long = LongTexts(long, params.ngram, params.share)
        self.whole = WholeTexts([*self.alone, *self.beside])
        self.longest_entire = max(map(len, self.entire), default=0)

    def held(self, texts: pa.StringArray) -> dict[int, set[int]]:
        """Numbers of the texts that hold items, and the items' numbers."""
        held: dict[int, set[int]] = defaultdict(set)
        hits: list[np.ndarray] = []
        for piece in pieces(texts):
            hits.append(self.long.find(piece))
            near: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
            for number, position, text in self.whole.find(piece):
                if items := self.alone.get(text):
                    held[number] |= items
                for item in self.beside.get(text, ()):
                    near[number, item].append((position, text))
            for (number, item), found in near.items():
                if _together(found):
                    held[number].add(item)
            self._entire(piece, held)
        for number, item in self.long.held(hits):
            held[number].add(item)
        return held

    def _entire(self, piece: Piece, held: dict[int, set[int]]) -> None:
        sizes = np.diff(piece.starts)
        for number in np.flatnonzero((sizes > 0) & (sizes <= self.longest_entire)).tolist():
            codes = piece.codes[piece.starts[number] : piece.starts[number + 1]]
            if items := self.entire.get(codes.tobytes().decode("utf-32-le")):
                held[number + piece.first] |= items


def _together(found: list[tuple[int, str]]) -> bool:
    """Whether two different texts begin within the window."""
    found.sort()
    return any(
        first[1] != second[1] and second[0] - first[0] <= WINDOW
        for first, second in pairwise(found)
    )
