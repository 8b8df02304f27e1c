"""How a tokenizer cuts text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice

import numpy as np
from tokenizers import Tokenizer

from runtime.documents import size
from stages.tokenizer.morphemes import BOUNDARY, Morphemes

BATCH = 1_000  # texts encoded together


@dataclass
class Count:
    """Sums over texts; an eojeol is what stands between white space."""

    documents: int = 0
    bytes: int = 0
    eojeols: int = 0
    tokens: int = 0

    def add(self, text: str, tokens: int) -> None:
        """Count a text."""
        self.documents += 1
        self.bytes += size(text)
        self.eojeols += len(text.split())
        self.tokens += tokens

    @property
    def bytes_per_token(self) -> float:
        return self.bytes / max(1, self.tokens)

    @property
    def tokens_per_eojeol(self) -> float:
        return self.tokens / max(1, self.eojeols)


@dataclass
class Measure:
    """Counts of texts by source, and which entries of the tokenizer they use."""

    used: np.ndarray  # bool [entries]
    total: Count = field(default_factory=Count)
    sources: dict[str, Count] = field(default_factory=dict)


def measured(tokenizer: Tokenizer, texts: Iterable[tuple[str, str]]) -> Measure:
    """Encode ``texts``, each after the name of its source.

    Special tokens count among the unused entries if no text holds them.
    """
    found = Measure(np.zeros(tokenizer.get_vocab_size(), dtype=bool))
    for batch in _batches(texts):
        for (source, text), encoding in zip(
            batch, tokenizer.encode_batch_fast([text for _, text in batch]), strict=True
        ):
            tokens = len(encoding)
            found.total.add(text, tokens)
            found.sources.setdefault(source, Count()).add(text, tokens)
            found.used[encoding.ids] = True
    return found


def crossing(tokenizer: Tokenizer, texts: Iterable[str], morphemes: Morphemes) -> float:
    """The share of the tokens that reach over a boundary between morphemes, 0 to 1.

    A space belongs to the morpheme after it, as in training.
    """
    crossed = tokens = 0
    for text in texts:
        parts = [part for part in morphemes.mark(text).split(BOUNDARY) if part]
        ends = np.array(list(accumulate(map(len, parts)))[:-1])
        # In characters; a token of a part of a character begins where that does.
        begins, stops = np.array(tokenizer.encode(text).offsets).reshape(-1, 2).T
        inside = np.searchsorted(ends, stops, "left") - np.searchsorted(ends, begins, "right")
        crossed += int(np.count_nonzero(inside > 0))
        tokens += len(begins)
    return crossed / max(1, tokens)


def longest(tokenizer: Tokenizer, count: int) -> list[str]:
    """The entries of the most characters, longest first; parts of characters are left out."""
    added = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    ids = (id_ for token, id_ in tokenizer.get_vocab().items() if token not in added)
    texts = (tokenizer.decode([id_], skip_special_tokens=False) for id_ in ids)
    whole = (text for text in texts if "\ufffd" not in text)
    return sorted(whole, key=lambda text: (-len(text), text))[:count]


def pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    """``text`` as the tokenizer cuts it; characters that it cuts apart stay together."""
    found: list[str] = []
    end = 0
    for begin, stop in tokenizer.encode(text).offsets:
        if begin < end:
            found[-1] += text[end:stop]
        else:
            found.append(text[begin:stop])
        end = max(end, stop)
    return found


def _batches(
    texts: Iterable[tuple[str, str]],
) -> Iterator[list[tuple[str, str]]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, BATCH)):
        yield batch
