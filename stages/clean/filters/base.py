"""What all filters share."""

from abc import abstractmethod
from typing import ClassVar, Literal

from datatrove.data import Document

from runtime.documents import DocumentFilter

_ASCII_AND_REST = bytes(range(0xC0))  # ASCII, and what follows the first byte of a character


class Text:
    """A text with tidy spaces, and what several filters want to know of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        spaces, breaks = text.count(" "), text.count("\n")
        self.visible = len(text) - spaces - breaks  # characters other than white space
        self.lines = [line for line in text.split("\n") if line] if breaks else [text]
        self.gaps = spaces + len(self.lines) - 1  # between two words
        # The first byte in UTF-8 of every character that is not ASCII.
        self.first_bytes = text.encode().translate(None, _ASCII_AND_REST)


class TextFilter(DocumentFilter):
    """Judges a document by its text alone."""

    _last: ClassVar[Text] = Text("")  # one document passes all filters before the next one comes

    @abstractmethod
    def reason(self, text: Text) -> str | None:
        """Why ``text`` is nothing to learn from; None keeps it."""

    def filter(self, document: Document) -> Literal[True] | tuple[Literal[False], str]:
        text = TextFilter._last
        if text.text is not document.text:
            text = TextFilter._last = Text(document.text)
        reason = self.reason(text)
        return True if reason is None else (False, reason)
