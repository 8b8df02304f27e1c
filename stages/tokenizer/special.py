"""The special tokens, with the ids they have in Polyglot-Ko."""

END_OF_TEXT = "<|endoftext|>"  # after every document

FIRST = ("<pad>", "<eos>", END_OF_TEXT, "<|sep|>")  # ids 0 to 3
LAST = ("<|acc|>", "<|tell|>", "<|rrn|>")  # the last three ids: what masking puts into the text
