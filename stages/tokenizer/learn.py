"""Learns the vocabulary in a process of its own: the library does not stop for a signal."""

from collections.abc import Iterator
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import documents, files
from stages.tokenizer.bpe import learn, save
from stages.tokenizer.card import measured
from stages.tokenizer.morphemes import unmark
from stages.tokenizer.params import TokenizerParams


class Learn(PipelineStep):
    """The only block of its pass: the marked ``sample`` becomes a tokenizer and its ``card``."""

    type = "trainer"
    name = "vocabulary"

    def __init__(self, params: TokenizerParams, sample: Path, folder: Path, card: Path) -> None:
        super().__init__()
        self.params = params
        self.sample = sample
        self.folder = folder
        self.card = card
        self.done = 0.0  # nothing to tell before the end

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        tokenizer = learn(self._marked(), self.params)
        save(tokenizer, self.folder)
        texts = map(unmark, self._marked())
        files.write_json(self.card, measured(tokenizer, self.folder, texts, self.params))
        yield from ()

    def _marked(self) -> Iterator[str]:
        return (document.text for document in documents.read(self.sample))
