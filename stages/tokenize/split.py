"""Which split documents belong to, how often and where: by the hash of their ids alone."""

import hashlib
from collections.abc import Iterable

import numpy as np

SPLITS = ("train", "validation")


def random_bits(ids: Iterable[str]) -> np.ndarray:
    """uint64 ``[documents, 3]``: bits for the split, the copies and the places of each."""
    digests = (hashlib.blake2b(id_.encode(), digest_size=24).digest() for id_ in ids)
    return np.frombuffer(b"".join(digests), "<u8").reshape(-1, 3)


def held_out(bits: np.ndarray, validation_share: float) -> np.ndarray:
    """bool: the documents of the validation split.

    No document ever changes sides, and a larger share only adds some.
    """
    return bits[:, 0] < validation_share * 2**64


def copies_of(bits: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """int64: how often training sees documents of sources with ``factors`` epochs.

    ``floor(factor)`` times, and once more for the fraction of the documents that the rest of the
    factor is. A larger factor only adds copies.
    """
    whole = np.floor(factors)
    return (whole + (bits[:, 1] < (factors - whole) * 2.0**64)).astype(np.int64)


def places_of(bits: np.ndarray, seed: int, copy: int) -> np.ndarray:
    """uint64 to sort by: random, yet the same for the same id, seed and copy (0, 1, …)."""
    key = hashlib.blake2b(f"{seed}:{copy}".encode(), digest_size=8).digest()
    return _mixed(bits[:, 2] ^ np.frombuffer(key, "<u8"))


def _mixed(values: np.ndarray) -> np.ndarray:
    """SplitMix64's output function (Steele, Lea and Flood, 2014), on uint64."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
