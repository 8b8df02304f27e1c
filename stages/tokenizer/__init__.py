"""Learns the vocabulary: byte-level BPE whose merges stay within MeCab-ko's morphemes.

MeCab only marks the text to learn from. What is saved is a plain byte-level BPE that encodes raw
text by itself and loses nothing: decoding gives back every character.
"""

from stages.tokenizer.build import build
from stages.tokenizer.params import TokenizerParams

__all__ = ["TokenizerParams", "build"]
