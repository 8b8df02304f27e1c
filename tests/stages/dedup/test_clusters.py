from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from runtime.ledger import Ledger
from stages.dedup import exchange
from stages.dedup.clusters import PAIR, UNSETTLED, BandPairs, ClusterRows, LargeStar, SmallStar
from stages.dedup.exchange import Exchange, records
from stages.dedup.minhash import BAND
from stages.dedup.signatures import listed

Band = tuple[int, int]  # a band hash and a document


def clustered(folder: Path, bands: list[Band], parts: int, tasks: int = 2) -> dict[int, int]:
    """The first of its cluster for every document that is not the first itself."""
    every = np.array(bands, BAND)
    for task in range(tasks):
        with Exchange(folder / "bands", task, parts, BAND) as out:
            mine = every[task::tasks]
            out.write(mine, mine["hash"] % np.uint64(parts))
    pairs = folder / "pairs"
    ranks = range(parts)
    for rank in ranks:
        list(BandPairs(folder / "bands", pairs, parts, Ledger("")).run(None, rank))
    for number in count():
        ledger, stars = Ledger(""), folder / f"stars-{number}"
        for rank in ranks:
            list(LargeStar(pairs, stars, parts, ledger).run(None, rank))
        if not ledger.total().extra[UNSETTLED]:
            break
        pairs = folder / f"pairs-{number}"
        for rank in ranks:
            list(SmallStar(stars, pairs, parts, ledger).run(None, rank))
    assert number <= 2 * np.log2(len(bands) + 2)
    found = np.concatenate([records(stars, rank, PAIR) for rank in ranks])
    for rank in ranks:
        list(ClusterRows(stars, folder / "rows", 2).run(None, rank))
    return dict(found.tolist())


def components(bands: list[Band]) -> dict[int, int]:
    """The same from scipy: documents and band hashes are the nodes."""
    documents, document_of = np.unique([band[1] for band in bands], return_inverse=True)
    hashes, hash_of = np.unique([band[0] for band in bands], return_inverse=True)
    size = len(documents) + len(hashes)
    edges = (np.ones(len(bands)), (document_of, len(documents) + hash_of))
    labels = connected_components(coo_matrix(edges, (size, size)), directed=False)[1]
    firsts: dict[int, int] = {}
    for document, label in zip(documents.tolist(), labels[: len(documents)], strict=True):
        firsts.setdefault(label, document)
    pairs = zip(documents.tolist(), labels[: len(documents)], strict=True)
    return {document: firsts[label] for document, label in pairs if document != firsts[label]}


SHARD = 1 << 32
documents = st.integers(0, 40) | st.integers(SHARD, SHARD + 40)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 60), documents), min_size=1, max_size=120),
    st.integers(1, 4),
    st.sampled_from([2, 17, 1000]),
)
def test_clusters_are_the_connected_components(bands: list[Band], parts: int, block: int) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(exchange, "BLOCK", block)
        found = clustered(Path(folder), bands, parts)
        assert found == components(bands)
        for shard in (0, 1):
            rows = np.flatnonzero(listed(Path(folder) / "rows", shard, 41))
            assert {shard * SHARD + row for row in rows} == {d for d in found if d >> 32 == shard}


def test_a_long_chain_takes_few_rounds(tmp_path: Path) -> None:
    order = np.random.default_rng(1).permutation(3000).tolist()
    bands = [(i, order[i + side]) for i in range(len(order) - 1) for side in (0, 1)]
    assert clustered(tmp_path, bands, 3) == dict.fromkeys(range(1, 3000), 0)
