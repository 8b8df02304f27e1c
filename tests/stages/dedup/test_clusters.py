from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from datatrove.pipeline.base import PipelineStep
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from runtime.ledger import Ledger
from stages.dedup import exchange
from stages.dedup.clusters import BandPairs, join
from stages.dedup.exchange import Exchange
from stages.dedup.minhash import BAND
from stages.dedup.signatures import listed

Band = tuple[int, int]  # a band hash and a document
SHARD = 1 << 32
ROWS = 3000


def clustered(folder: Path, bands: list[Band], parts: int, tasks: int = 2) -> set[int]:
    """The documents that are not the first of their cluster."""
    every = np.array(bands, BAND)
    for task in range(tasks):
        with Exchange(folder / "bands", task, parts, BAND) as out:
            mine = every[task::tasks]
            out.write(mine, mine["hash"] % np.uint64(parts))
    names = []

    def run(name: str, block: PipelineStep, ledger: Ledger) -> Ledger:
        names.append(name)
        for rank in range(parts):
            list(block.run(None, rank))
        return ledger

    pairs, rows = folder / "pairs", folder / "rows"
    run("pairs", BandPairs(folder / "bands", pairs, parts, Ledger("")), Ledger(""))
    join(pairs, rows, folder, parts, 2, run)
    assert len(names) <= 4 + 2 * np.log2(len(bands))
    found = [np.flatnonzero(listed(rows, shard, ROWS)) + shard * SHARD for shard in (0, 1)]
    return set(np.concatenate(found).tolist())


def components(bands: list[Band]) -> set[int]:
    """The same from scipy: documents and band hashes are the nodes."""
    documents, document_of = np.unique([band[1] for band in bands], return_inverse=True)
    hashes, hash_of = np.unique([band[0] for band in bands], return_inverse=True)
    size = len(documents) + len(hashes)
    edges = (np.ones(len(bands)), (document_of, len(documents) + hash_of))
    labels = connected_components(coo_matrix(edges, (size, size)), directed=False)[1]
    firsts = np.unique(labels[: len(documents)], return_index=True)[1]
    return set(np.delete(documents, firsts).tolist())


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
        assert clustered(Path(folder), bands, parts) == components(bands)


def test_a_long_chain_takes_few_rounds(tmp_path: Path) -> None:
    order = np.random.default_rng(1).permutation(ROWS).tolist()
    bands = [(i, order[i + side]) for i in range(len(order) - 1) for side in (0, 1)]
    assert clustered(tmp_path, bands, 3) == set(range(1, ROWS))
