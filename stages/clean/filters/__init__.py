"""Filters: blocks that drop a document for a reason and change no text."""

from stages.clean.filters.broken import Broken
from stages.clean.filters.length import Length
from stages.clean.filters.lines import Lines
from stages.clean.filters.ngrams import RepeatedNgrams
from stages.clean.filters.repetition import RepeatedLines
from stages.clean.filters.script import Script
from stages.clean.filters.words import WordLength

__all__ = [
    "Broken",
    "Length",
    "Lines",
    "RepeatedLines",
    "RepeatedNgrams",
    "Script",
    "WordLength",
]
