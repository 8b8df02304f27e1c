"""The morpheme tokenizer beside the plain one, on real text that neither has seen.

    python -m benchmarks.tokenizer_variants

Both have 30,003 entries, learned from nine tenths of the real reviews (``POLYGLOT_DATA``); measured
on the last tenth, and on comments, questions and KOBEST, which are of other kinds.
"""

import argparse
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from benchmarks import measuring, real_lines, reviews
from stages.tokenizer.bpe import learn, save
from stages.tokenizer.card import MARKED, SENTENCES
from stages.tokenizer.measure import crossing, longest, measured, pieces
from stages.tokenizer.morphemes import Morphemes
from stages.tokenizer.params import TokenizerParams

HELD_OUT = 64_000  # reviews


def main() -> None:
    """Learn both, measure both and write the result."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    texts = list(reviews.reviews())
    held_out = [("nsmc, held out", text) for text in texts[-HELD_OUT:]]
    for source, lines in real_lines.by_source(reviews.data_folder()).items():
        held_out += [(source, line) for line in lines] if source != "nsmc" else []
    mark = Morphemes().mark
    figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, change in (("morphemes", mark), ("plain", str)):
            params = TokenizerParams(30_003, [], name == "morphemes", 1, 2)
            tokenizer = learn(map(change, texts[:-HELD_OUT]), params)
            save(tokenizer, Path(scratch))
            figures[name] = of(tokenizer, held_out)
            print(name, figures[name], flush=True)
    tokens = [figures[name]["tokens"] for name in ("morphemes", "plain")]
    figures["tokens of morphemes, of plain"] = round(tokens[0] / tokens[1], 3)
    print(measuring.write("tokenizer_variants", "python -m benchmarks.tokenizer_variants", figures))


def of(tokenizer: Tokenizer, texts: list[tuple[str, str]]) -> dict[str, Any]:
    """What the table shows."""
    measure = measured(tokenizer, texts)
    some = islice((text for _, text in texts[:: len(texts) // MARKED]), MARKED)
    return {
        "tokens": measure.total.tokens,
        "share of tokens across morphemes": round(crossing(tokenizer, some, Morphemes()), 4),
        "unused entries": int((~measure.used).sum()),
        "sources": {
            source: {
                "documents": count.documents,
                "bytes_per_token": round(count.bytes_per_token, 3),
                "tokens_per_eojeol": round(count.tokens_per_eojeol, 3),
            }
            for source, count in measure.sources.items()
        },
        "longest": longest(tokenizer, 10),
        "pieces": ["|".join(pieces(tokenizer, sentence)) for sentence in SENTENCES],
    }


if __name__ == "__main__":
    main()
