"""Documents become training shards: token ids of two bytes, split, shuffled and accounted for."""

from stages.tokenize.params import TokenizeParams
from stages.tokenize.tokenize import tokenize

__all__ = ["TokenizeParams", "tokenize"]
