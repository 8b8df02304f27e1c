"""Which documents of some token files stand in other token files as well, token by token.

Two looks: a key of length, first and last tokens for every document, by columns; and the whole
document where the key is known.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

DTYPE = np.dtype("<u2")
ENDS = np.dtype("<u8")
LOOKED_AT = 16  # tokens at either end of a document that its key is made of
BLOCK = 1_000_000  # documents looked at together
ODD = np.uint64(0x9E3779B97F4A7C15)


def index_of(path: Path) -> Path:
    """The file that says where the documents of a token file end."""
    return path.with_name(f"{path.name}.index")


def ends(path: Path) -> np.ndarray:
    """int64: where every document of a token file ends."""
    return np.fromfile(index_of(path), ENDS).astype(np.int64)


def digests(paths: Iterable[Path]) -> dict[bytes, int]:
    """The hash of every document in token files, and its key."""
    return {digest: key for path in paths for key, digest in _documents(path, wanted=None)}


def shared(known: dict[bytes, int], paths: Iterable[Path]) -> set[bytes]:
    """Which of the ``known`` documents token files hold as well."""
    keys = np.array(sorted(set(known.values())), np.uint64)
    return {digest for path in paths for _, digest in _documents(path, keys) if digest in known}


def _documents(path: Path, wanted: np.ndarray | None) -> Iterator[tuple[int, bytes]]:
    """Key and hash of the documents of a file, or of those with a key among ``wanted``."""
    if not path.exists() or not path.stat().st_size or not index_of(path).exists():
        return
    ids, stops = np.memmap(path, DTYPE, mode="r"), ends(path)
    stops = stops[stops <= len(ids)]  # of a torn file, which other checks refuse
    starts = np.concatenate([[0], stops[:-1]])
    for first in range(0, len(stops), BLOCK):
        start, stop = starts[first : first + BLOCK], stops[first : first + BLOCK]
        keys = _keys(ids, start, stop)
        chosen = range(len(keys)) if wanted is None else np.flatnonzero(np.isin(keys, wanted))
        for place in chosen:
            document = ids[start[place] : stop[place]]
            yield int(keys[place]), hashlib.blake2b(document.data, digest_size=16).digest()


def _keys(ids: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """uint64: a key of every document from its length and the tokens at its ends."""
    keys = (stop - start).astype(np.uint64)
    for offset in range(LOOKED_AT):
        for place in (np.minimum(start + offset, stop - 1), np.maximum(stop - 1 - offset, start)):
            keys = (keys ^ (keys >> np.uint64(29))) * ODD + ids[place]
    return keys
