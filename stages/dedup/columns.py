"""Batches of documents by columns: this stage reads every document thrice and changes none.

Building a Python object for each would cost more than all the rest.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from runtime.ledger import Ledger


def sizes(texts: pa.StringArray) -> np.ndarray:
    """int64: bytes of each text in UTF-8."""
    return pc.binary_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)


def take(batch: pa.RecordBatch, ledger: Ledger) -> None:
    """Count a batch as read, whatever its sources."""
    ledger.sources[""].taken.add(batch.num_rows, int(sizes(batch.column("text")).sum()))
