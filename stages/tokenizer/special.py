"""The special tokens, with the ids they have in Polyglot-Ko."""

from collections.abc import Iterable

END_OF_TEXT = "<|endoftext|>"  # after every document

FIRST = ("<pad>", "<eos>", END_OF_TEXT, "<|sep|>")  # ids 0 to 3
LAST = (
    "<|acc|>",
    "<|tell|>",
    "<|rrn|>",
)  # what masking puts into the text: the last ids of vocab_size


def masked(extra_kinds: Iterable[str]) -> tuple[str, ...]:
    """All tokens that masking puts into the text, in the order of their ids.

    Kinds that are masked by choice come after Polyglot-Ko's, so that no id of those changes.
    """
    return (*LAST, *(f"<|{kind}|>" for kind in extra_kinds))
