"""Clusters of near duplicates: the connected components of all pairs, in parts.

Large-star and small-star in turn (Kiveris et al., Connected Components in MapReduce and Beyond,
SoCC 2014). A pair joins two documents, ``node`` and ``other``. Large-star gives every node's larger
neighbours to the least of its neighbourhood, small-star its smaller ones; the rounds end when every
pair joins a document with the first of its cluster. Their number grows with the logarithm of the
longest chain of pairs.

Every pass reads its part twice: for the least neighbour of each node, and then, block by block, for
the pairs to write. So memory grows with the documents of a part and not with the size of a cluster,
be it a hundred million copies of one advertisement.
"""

import shutil
from abc import abstractmethod
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime.ledger import Ledger
from stages.dedup.characters import mixed
from stages.dedup.exchange import Exchange, blocks
from stages.dedup.minhash import BAND
from stages.dedup.signatures import ROW

PAIR = np.dtype([("node", "<u8"), ("other", "<u8")])
UNSETTLED = "unsettled"  # extra of the ledger: pairs that large-star found outside a star


class Stars(PipelineStep):
    """Rank ``p`` reads part ``p`` of ``source`` and writes pairs to ``target``, by their nodes."""

    type = "dedup"
    records = PAIR  # what it reads: a key and a value, both uint64
    both_ways = True  # a pair is written for its other document as well

    def __init__(self, source: Path, target: Path, parts: int, ledger: Ledger) -> None:
        super().__init__()
        self.source = source
        self.target = target
        self.parts = parts
        self.ledger = ledger
        self.done = 0.0  # parts done

    @abstractmethod
    def pairs(self, block: np.ndarray, least: np.ndarray) -> np.ndarray:
        """Pairs to write for a block of records; ``least``: the least value of each one's key."""

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        keys, least = minima(blocks(self.source, rank, self.records))
        with Exchange(self.target, rank, self.parts, PAIR) as exchange:
            for block in blocks(self.source, rank, self.records):
                block = block.view(PAIR)
                found = self.pairs(block, least[np.searchsorted(keys, block["node"])])
                self._write(exchange, distinct(found))
        self.done = 1.0
        yield from ()

    def _write(self, exchange: Exchange, pairs: np.ndarray) -> None:
        exchange.write(pairs, _part(pairs["node"], self.parts))
        if self.both_ways:
            exchange.write(joined(pairs["other"], pairs["node"]), _part(pairs["other"], self.parts))


class BandPairs(Stars):
    """Pairs of each document with the first one that has an equal band hash."""

    name = "pairs"
    records = BAND

    def pairs(self, block: np.ndarray, least: np.ndarray) -> np.ndarray:
        documents = block["other"]
        later = documents != least
        return joined(documents[later], least[later])


class LargeStar(Stars):
    """A node's larger neighbours join the least of the node and its neighbours."""

    name = "large-star"
    both_ways = False  # small-star looks from the larger document only

    def pairs(self, block: np.ndarray, least: np.ndarray) -> np.ndarray:
        node, other = block["node"], block["other"]
        unsettled = (least < node) & (other != least)
        self.ledger.count("", UNSETTLED, int(unsettled.sum()))
        larger = other > node
        return joined(other[larger], np.minimum(node, least)[larger])


class SmallStar(Stars):
    """A node and its smaller neighbours join the least of them."""

    name = "small-star"

    def pairs(self, block: np.ndarray, least: np.ndarray) -> np.ndarray:
        others = block["other"] != least
        return np.concatenate(
            [joined(block["node"], least), joined(block["other"][others], least[others])]
        )


class ClusterRows(PipelineStep):
    """Rank ``p`` lists the documents of part ``p`` that are not the first of their cluster."""

    type = "dedup"
    name = "clusters"

    def __init__(self, stars: Path, folder: Path, shards: int) -> None:
        super().__init__()
        self.stars = stars
        self.folder = folder
        self.shards = shards
        self.done = 0.0  # parts done

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        with Exchange(self.folder, rank, self.shards, ROW) as exchange:
            for block in blocks(self.stars, rank, PAIR):
                documents = np.unique(block["node"])
                rows = (documents & np.uint64(0xFFFFFFFF)).astype(ROW)
                exchange.write(rows, documents >> np.uint64(32))
        self.done = 1.0
        yield from ()


def join(
    pairs: Path,
    rows: Path,
    exchange: Path,
    parts: int,
    shards: int,
    run: Callable[[str, PipelineStep, Ledger], Ledger],
) -> None:
    """List in ``rows``, by shard, the documents of ``pairs`` that are not first of their cluster.

    ``run`` runs a block once a part under a name, and returns what the tasks counted in the ledger.
    Every round has folders of its own in ``exchange``, and what it read is removed when it is
    done: a killed run goes through the rounds again, passes that are done are skipped by their
    names, and none needs what is gone.
    """
    for number in count(1):
        stars = exchange / f"stars-{number}"
        ledger = Ledger("dedup")
        large = LargeStar(pairs, stars, parts, ledger)
        counted = run(f"large-star-{number}", large, ledger)
        shutil.rmtree(pairs, ignore_errors=True)
        if not counted.total().extra[UNSETTLED]:
            break
        pairs = exchange / f"pairs-{number}"
        small = SmallStar(stars, pairs, parts, ledger)
        run(f"small-star-{number}", small, ledger)
        shutil.rmtree(stars, ignore_errors=True)
    run("clusters", ClusterRows(stars, rows, shards), ledger)
    shutil.rmtree(stars, ignore_errors=True)


def minima(found: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The distinct keys of blocks of records in increasing order, and the least value of each."""
    keys = least = np.empty(0, np.uint64)
    for block in found:
        block = block.view(PAIR)
        keys = np.concatenate([keys, block["node"]])
        least = np.concatenate([least, block["other"]])
        order = np.argsort(keys)
        keys, least = keys[order], least[order]
        starts = np.flatnonzero(_changes(keys))
        keys, least = keys[starts], np.minimum.reduceat(least, starts)
    return keys, least


def distinct(pairs: np.ndarray) -> np.ndarray:
    """The pairs in increasing order, each once."""
    pairs = pairs[np.lexsort([pairs["other"], pairs["node"]])]
    return pairs[_changes(pairs["node"]) | _changes(pairs["other"])]


def joined(nodes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Two columns as pairs."""
    pairs = np.empty(len(nodes), PAIR)
    pairs["node"], pairs["other"] = nodes, others
    return pairs


def _changes(values: np.ndarray) -> np.ndarray:
    """bool: where a value differs from the one before it; the first does."""
    changes = np.ones(len(values), bool)
    changes[1:] = values[1:] != values[:-1]
    return changes


def _part(documents: np.ndarray, parts: int) -> np.ndarray:
    return mixed(documents) % np.uint64(parts)
