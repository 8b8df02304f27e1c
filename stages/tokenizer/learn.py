"""Learns the vocabulary in a process of its own: the library does not stop for a signal."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import documents, files
from stages.tokenizer.bpe import learn, save, taken
from stages.tokenizer.card import MARKED, card
from stages.tokenizer.morphemes import unmark
from stages.tokenizer.params import TokenizerParams


class Learn(PipelineStep):
    """The only block of its pass: the marked ``sample`` becomes a tokenizer in ``folder``.

    Its card goes to ``told``. With ``reused``, the folder of a model, that one's is taken.
    """

    type = "trainer"
    name = "vocabulary"

    def __init__(
        self,
        params: TokenizerParams,
        sample: Path,
        folder: Path,
        told: Path,
        reused: Path | None = None,
    ) -> None:
        super().__init__()
        self.params = params
        self.sample = sample
        self.folder = folder
        self.told = told
        self.reused = reused
        self.done = 0.0  # nothing to tell before the end

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        if self.reused:
            tokenizer = taken(self.reused, self.folder, self.params)
        else:
            tokenizer = learn((text for _, text in self._texts()), self.params)
            save(tokenizer, self.folder)
        texts = ((source, unmark(text)) for source, text in self._texts())
        every = max(1, documents.count(self.sample) // MARKED)
        some = (unmark(text) for _, text in islice(self._texts(), 0, None, every))
        files.write_json(self.told, card(tokenizer, self.folder, texts, some, self.params))
        yield from ()

    def _texts(self) -> Iterator[tuple[str, str]]:
        """Source and marked text of every document of the sample."""
        for document in documents.read(self.sample):
            yield document.metadata["source"], document.text
