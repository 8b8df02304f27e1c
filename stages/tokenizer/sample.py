"""The part of the corpus that the vocabulary is learned from."""

import hashlib
from collections.abc import Iterator

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from stages.tokenizer.morphemes import Morphemes


class Sample(PipelineStep):
    """Keeps a share of the documents and, if asked to, marks their morphemes."""

    type = "sample"
    name = "sample"

    def __init__(self, share: float, morphemes: bool, extra_kinds: list[str]) -> None:
        super().__init__()
        self.share = share
        self.morphemes = morphemes
        self.extra_kinds = extra_kinds

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        morphemes = Morphemes(self.extra_kinds) if self.morphemes else None
        for document in data:
            if drawn(document.id, self.share):
                if morphemes:
                    document.text = morphemes.mark(document.text)
                yield document


def drawn(document_id: str, share: float) -> bool:
    """Whether a document is among the ``share`` (0 to 1) of all, by the hash of its id.

    So every source is represented in proportion to its size, whatever else is in the corpus, and
    a document drawn for a small share is drawn for any larger one.
    """
    digest = hashlib.blake2b(document_id.encode(), digest_size=8, person=b"sample").digest()
    return int.from_bytes(digest) < share * 2**64
