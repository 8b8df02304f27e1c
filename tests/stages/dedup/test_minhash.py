import tracemalloc

import numpy as np
import pyarrow as pa

from stages.dedup.characters import PIECE
from stages.dedup.minhash import MinHash
from stages.dedup.params import MinHashParams

PARAMS = MinHashParams(min_characters=50, ngram=5, bands=14, rows=8, seed=1)


def syllables(count: int, seed: int = 1) -> str:
    codes = np.random.default_rng(seed).integers(0xAC00, 0xD7A4, count, np.uint32)
    return codes.tobytes().decode("utf-32-le")


def grams(text: str) -> set[str]:
    return {text[i : i + 5] for i in range(len(text) - 4)}


def test_equal_hashes_estimate_the_share_of_common_ngrams() -> None:
    text, other = syllables(2000), syllables(2000, 2)
    texts = [text] + [text[:cut] + other[cut:] for cut in (1900, 1500, 1000, 200)]
    signatures, _ = MinHash(MinHashParams(50, 5, 64, 32, 1)).signatures(pa.array(texts))
    for mixed, signature in zip(texts, signatures, strict=True):
        common, every = grams(text) & grams(mixed), grams(text) | grams(mixed)
        assert abs((signature == signatures[0]).mean() - len(common) / len(every)) < 0.04


def test_spacing_and_marks_make_no_difference() -> None:
    text = "가나다라 마바사 ABC 아자차카타파하 " * 5
    others = [text.replace(" ", ""), text.replace(" ", "!\n\n"), text.lower()]
    signatures, characters = MinHash(PARAMS).signatures(pa.array([text, *others]))
    assert (signatures == signatures[0]).all()
    assert characters.tolist() == [85] * 4


def test_a_text_has_the_same_signature_alone_and_among_others() -> None:
    texts = [syllables(count, count) for count in (4, 300, 500_000, 0, 5, 700)]
    minhash = MinHash(PARAMS)
    together, _ = minhash.signatures(pa.array(texts))
    for text, signature in zip(texts, together, strict=True):
        alone, _ = minhash.signatures(pa.array(["", text]).slice(1))
        assert (alone[0] == signature).all()


def test_the_last_ngram_of_a_long_text_counts() -> None:
    """Its pieces overlap: no n-gram falls between two."""
    text, seam = "가" * (PIECE // 2), PIECE // 3  # three bytes a syllable
    cuts = [*range(seam - 1500, seam, 100), *range(seam - 9, seam + 9)]
    texts = [text[:cut] + "나" + text[cut:] for cut in cuts]
    signatures, _ = MinHash(PARAMS).signatures(pa.array(texts))
    assert (signatures == signatures[0]).all()
    assert (signatures != MinHash(PARAMS).signatures(pa.array([text]))[0]).any()


def test_fifty_megabytes_in_one_text_need_little_memory() -> None:
    texts = pa.array([syllables(17_000_000)])
    minhash = MinHash(MinHashParams(50, 5, 2, 2, 1))
    tracemalloc.start()
    minhash.signatures(texts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6
