"""Byte-level BPE: learned on marked text, saved without a trace of the marks."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
from tokenizers.trainers import BpeTrainer

from runtime import files
from runtime.errors import PolyglotError
from stages.tokenizer.morphemes import BOUNDARY
from stages.tokenizer.params import TokenizerParams
from stages.tokenizer.special import END_OF_TEXT, FIRST, LAST, masked

FILE = "tokenizer.json"


def learn(texts: Iterator[str], params: TokenizerParams) -> Tokenizer:
    """A tokenizer of exactly ``params.vocab_size`` entries, and one more for each extra kind.

    No merge crosses a boundary or takes in a part of a PII token.

    Raises:
        PolyglotError: the texts do not hold that many different merges.
    """
    words = ByteLevel(add_prefix_space=False)
    pii = masked(params.extra_kinds)
    dropped = Regex("|".join(map(re.escape, (BOUNDARY, *pii))))
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = Sequence([Split(dropped, "removed"), words])
    trainer = BpeTrainer(
        vocab_size=params.vocab_size - len(LAST),
        min_frequency=params.min_frequency,
        special_tokens=list(FIRST),
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.pre_tokenizer = words
    tokenizer.decoder = ByteLevelDecoder()
    # Not "special", which to these libraries means hidden when decoding: they stand for text.
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in pii])
    size = tokenizer.get_vocab_size() - len(params.extra_kinds)
    if size < params.vocab_size:
        raise PolyglotError(
            f"The text fills a vocabulary of {size:,} entries, not of "
            f"{params.vocab_size:,}: lower tokenizer.vocab_size or tokenizer.min_frequency, raise "
            "tokenizer.sample_bytes, or add text."
        )
    return tokenizer


def taken(model: Path, folder: Path, params: TokenizerParams) -> Tokenizer:
    """The tokenizer of a model, put into ``folder`` byte for byte: its fingerprint is the same.

    Raises:
        PolyglotError: it has another number of entries, or no token for a kind of PII.
    """
    tokenizer = Tokenizer.from_file(str(model / FILE))
    size = params.vocab_size + len(params.extra_kinds)
    lacking = [t for t in masked(params.extra_kinds) if tokenizer.token_to_id(t) is None]
    if tokenizer.get_vocab_size() != size or lacking:
        what = f"no {lacking[0]}" if lacking else f"{tokenizer.get_vocab_size():,} entries"
        raise PolyglotError(
            f"The tokenizer of {params.reuse} has {what}, and tokenizer.vocab_size with "
            f"mask.extra_kinds asks for {size:,} entries, one of them for each kind of PII."
        )
    save(tokenizer, folder)
    shutil.copyfile(model / FILE, folder / FILE)
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """Write the files that ``AutoTokenizer.from_pretrained`` reads, in transformers 4 and 5."""
    tokenizer.save(str(folder / FILE))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END_OF_TEXT,
        "pad_token": END_OF_TEXT,
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "attention_mask"],  # GPT-NeoX knows no token types
    }
    files.write_json(folder / "tokenizer_config.json", config)
