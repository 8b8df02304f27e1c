"""What the tokenizer is like: the figures a reader asks for first."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from runtime import files
from runtime.documents import size
from stages.tokenizer.params import TokenizerParams
from stages.tokenizer.special import FIRST, masked

BATCH = 1_000  # texts encoded together


def measured(
    tokenizer: Tokenizer, folder: Path, texts: Iterable[str], params: TokenizerParams
) -> dict[str, Any]:
    """The card of the tokenizer saved in ``folder``, measured on the text it was learned from.

    An eojeol is what stands between white space. Special tokens count among the unused entries if
    no text holds them.
    """
    used = np.zeros(tokenizer.get_vocab_size(), dtype=bool)
    documents = utf8_bytes = eojeols = tokens = 0
    for batch in _batches(texts):
        documents += len(batch)
        utf8_bytes += sum(map(size, batch))
        eojeols += sum(len(text.split()) for text in batch)
        for encoding in tokenizer.encode_batch_fast(batch):
            tokens += len(encoding)
            used[encoding.ids] = True
    special = (*FIRST, *masked(params.extra_kinds))
    return {
        "vocab_size": tokenizer.get_vocab_size(),
        "fingerprint": files.sha256(folder / "tokenizer.json"),
        "special_tokens": {token: tokenizer.token_to_id(token) for token in special},
        "morphemes": params.morphemes,
        "sample_documents": documents,
        "sample_bytes": utf8_bytes,
        "bytes_per_token": utf8_bytes / max(1, tokens),
        "tokens_per_eojeol": tokens / max(1, eojeols),
        "unused_entries": int((~used).sum()),
    }


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, BATCH)):
        yield batch
