"""What all repairs share."""

from abc import abstractmethod
from collections.abc import Iterator

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime.ledger import Ledger


class Repair(PipelineStep):
    """A block that mends texts; the ledger's extra figure of its name counts the mended ones."""

    type = "format"

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger

    @abstractmethod
    def repair(self, text: str) -> str:
        """The mended text, or ``text`` itself where there is nothing to mend."""

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        for document in data:
            text = document.text
            mended = self.repair(text)
            if mended is not text and mended != text:
                document.text = mended
                self.count(document.metadata["source"], text, mended)
            yield document

    def count(self, source: str, text: str, mended: str) -> None:
        """Enter one mended document in the ledger."""
        self.ledger.count(source, self.name)


class LineRepair(Repair):
    """Takes whole lines out of a text with tidy spaces; the ledger counts the lines."""

    @abstractmethod
    def suspicious(self, text: str) -> bool:
        """A cheap look: False only if no line of ``text`` is removable."""

    @abstractmethod
    def removable(self, text: str, lines: list[str]) -> list[bool]:
        """For each of the lines of ``text`` whether it goes."""

    def repair(self, text: str) -> str:
        return self.without_lines(text) if self.suspicious(text) else text

    def without_lines(self, text: str) -> str:
        """``text`` without its removable lines, and with no more than one empty line in a row."""
        lines = text.split("\n")
        gone = self.removable(text, lines)
        if not any(gone):
            return text
        kept = [line for line, goes in zip(lines, gone, strict=True) if not goes]
        return tidied("\n".join(kept))

    def count(self, source: str, text: str, mended: str) -> None:
        lines = sum(map(bool, text.split("\n"))) - sum(map(bool, mended.split("\n")))
        self.ledger.count(source, self.name, lines)


def tidied(text: str) -> str:
    """``text``, whose only white space is spaces and line feeds, without the unnecessary ones."""
    while "  " in text:
        text = text.replace("  ", " ")
    if "\n" in text:
        text = text.replace(" \n", "\n").replace("\n ", "\n")
        while "\n\n\n" in text:
            text = text.replace("\n\n\n", "\n\n")
    return text.strip()
