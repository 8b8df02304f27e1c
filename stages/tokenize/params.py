"""The parameters of the training shards."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from runtime.errors import PolyglotError


@dataclass
class TokenizeParams:
    """How documents are split, repeated, ordered and cut into files."""

    validation_share: float  # of the documents, drawn by the hash of their id
    seed: int  # of the order of documents
    shard_tokens: int  # of a file, at most on average
    epochs: dict[str, float]  # how often training sees a source's documents; 1 if not named


def check(params: TokenizeParams) -> None:
    """Refuse values that cannot be met.

    Raises:
        PolyglotError: a number is out of range.
    """
    if not 0 < params.validation_share < 1:
        raise PolyglotError(
            f"tokenize.validation_share is {params.validation_share}: give more than 0 and less "
            "than 1."
        )
    if params.shard_tokens < 1:
        raise PolyglotError(f"tokenize.shard_tokens is {params.shard_tokens}: give 1 or more.")


def check_epochs(params: TokenizeParams, sources: Iterable[str]) -> None:
    """Refuse a factor that means nothing, and one for a source that is not among ``sources``.

    Raises:
        PolyglotError: there is such a factor.
    """
    known = list(sources)
    for source, factor in params.epochs.items():
        # OmegaConf lets a mapping pass for a number here.
        if not isinstance(factor, int | float) or not 0 <= factor < math.inf:
            raise PolyglotError(
                f"tokenize.epochs.{source} is {factor}: give 0 or more, such as 0.5 for half of "
                "the documents, 2 for all of them twice, or 0 to leave the source out of training."
            )
        if source not in known:
            raise PolyglotError(
                f"tokenize.epochs names the source {source!r}, which the corpus lacks; it has "
                f"{', '.join(known)}."
            )
