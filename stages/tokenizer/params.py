"""The parameters of the tokenizer."""

from dataclasses import dataclass

from runtime.errors import PolyglotError
from stages.tokenizer.special import FIRST, LAST

SMALLEST = len(FIRST) + 256 + len(LAST)  # every byte has an entry: any text can be encoded
LARGEST = 65_535  # an id is two bytes in the training shards

# tokenizers counts pairs in 32 signed bits and overflows silently (its issue 2058). The commonest
# pair of bytes makes up 3.6% of Korean film reviews; this allows for 6.7%.
LARGEST_SAMPLE = 32_000_000_000


@dataclass
class TokenizerParams:
    """How large the vocabulary is and what it is learned from."""

    vocab_size: int  # entries: special tokens, bytes and merges; those of extra_kinds come on top
    extra_kinds: list[str]  # mask.extra_kinds: each has a token of its own
    morphemes: bool  # whether no merge is learned across a MeCab-ko morpheme boundary
    sample_bytes: int  # text to learn from, in UTF-8 bytes: the same share of every source
    min_frequency: int  # a pair seen less often than this is not merged
    reuse: str | None = None  # take that of a model: a folder, or models:/name/version


def check(params: TokenizerParams) -> None:
    """Refuse values that cannot be met.

    Raises:
        PolyglotError: a number is out of range.
    """
    largest = LARGEST - len(params.extra_kinds)
    if not SMALLEST <= params.vocab_size <= largest:
        raise PolyglotError(
            f"tokenizer.vocab_size is {params.vocab_size:,}: it must lie between {SMALLEST:,} "
            f"(special tokens and bytes) and {largest:,} (two bytes a token)."
        )
    if not 1 <= params.sample_bytes <= LARGEST_SAMPLE:
        raise PolyglotError(
            f"tokenizer.sample_bytes is {params.sample_bytes:,}: it must lie between 1 and "
            f"{LARGEST_SAMPLE:,} (more would overflow the counts of the BPE trainer)."
        )
