"""The parameters of the training shards."""

from dataclasses import dataclass

from runtime.errors import PolyglotError


@dataclass
class TokenizeParams:
    """How documents are split, ordered and cut into files."""

    validation_share: float  # of the documents, drawn by the hash of their id
    seed: int  # of the order of documents within a shard
    shard_tokens: int  # a file ends with the document that reaches this many tokens


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
