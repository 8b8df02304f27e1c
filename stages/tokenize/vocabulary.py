"""The tokenizer as the training shards use it."""

import os
from array import array
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from runtime.errors import PolyglotError

END_OF_TEXT = "<|endoftext|>"
LARGEST = 65_535  # entries: an id is two bytes in the training shards


class Vocabulary:
    """Encodes documents, each followed by ``<|endoftext|>``.

    Raises:
        PolyglotError: the tokenizer is missing or broken, or its ids do not fit two bytes.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise PolyglotError(f"{path} is missing: run the stage tokenizer first.")
        # One process a core encodes faster than one process of many threads.
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises no narrower type
            raise PolyglotError(f"{path} is no tokenizer ({error}).") from None
        self.size = self._tokenizer.get_vocab_size()
        if self.size > LARGEST:
            raise PolyglotError(
                f"The vocabulary has {self.size:,} entries, and two bytes a token hold "
                f"{LARGEST:,}: lower tokenizer.vocab_size."
            )
        end_id = self._tokenizer.token_to_id(END_OF_TEXT)
        if end_id is None:
            raise PolyglotError(f"{path} has no {END_OF_TEXT}: run the stage tokenizer again.")
        self.end_id = end_id
        # A literal <|endoftext|> in a document stays text: documents end only where we end them.
        # PII tokens are entries that are not "special", and keep their ids.
        self._tokenizer.encode_special_tokens = True

    def encode(self, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """uint16: the ids of all texts, each with its end; int64: how many of each."""
        ids, lengths = array("H"), np.empty(len(texts), np.int64)
        for number, encoding in enumerate(self._tokenizer.encode_batch_fast(texts)):
            ids.extend(encoding.ids)
            ids.append(self.end_id)
            lengths[number] = len(encoding) + 1
        return np.frombuffer(ids, np.uint16), lengths
