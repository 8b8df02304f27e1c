"""Masking by columns beside the plain rules on more than a million real lines: the same hits.

    python -m benchmarks.masking_equality [--lines 1100000]

All real lines (``POLYGLOT_DATA``), and as many of them again with an invented number planted as it
takes; once with the kinds that are always masked, once with all. The plain rules are tried at every
place of every line. Ends with an error if a line differs.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from itertools import chain, cycle, islice
from typing import Any

import pyarrow as pa

from benchmarks import measuring, plain_masking, real_lines, reviews
from stages.mask.columns import mask_column
from stages.mask.kinds import KINDS
from stages.mask.masking import Masker
from stages.mask.params import MaskParams

ROWS = 1_000  # lines of a column, as the stage reads them
OPTIONAL = [name for name, kind in KINDS.items() if kind.optional]
CHOICES = {
    "default": MaskParams([], business_phones=False, spelled_phones=False, samples=0),
    "everything": MaskParams(OPTIONAL, business_phones=True, spelled_phones=True, samples=0),
}
# N is any digit. Numbers to mask, and others that look like them.
PLANTED = (
    """
010-NNNN-NNNN|010NNNNNNNN|010.NNNN.NNNN|02)NNN-NNNN|+82-10-NNNN-NNNN|031 NNN NNNN|1588-NNNN
90010N-1NNNNNN|9001011NNNNNN|90010N-1******|110-NNN-NNNNNN|계좌 NNNNNNNNNNN|국민 NNNNNN-04-NNNNNN
공일공 일이삼사 오육칠팔|abcNN@naver.com|10.NN.NN.NN|12가 NNNN|MNNNNNNNN|11-NN-NNNNNN-NN
NNN-81-NNNNN|4NNN-NNNN-NNNN-NNNN|2023-01-1N|20230115NNNNNN|N,NNN,NNN원|978-89-NNN-NNNN-N|3.NNNNNN
주문번호 NNNNNNNN-NNNNNNN|https://a.kr/NNNNNNNNNNN|10-2019-0NNNNNN|NNNN NNNN NNNN|NN:NN:NN
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


def main() -> None:
    """Compare every line and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_100_000)
    options = parser.parse_args()
    figures = {name: compared(params, options.lines) for name, params in CHOICES.items()}
    command = f"python -m benchmarks.masking_equality --lines {options.lines}"
    print(measuring.write("masking_equality", command, figures))
    if differing := sum(figure["lines that differ"] for figure in figures.values()):
        raise SystemExit(f"{differing} lines have other hits by columns.")


def compared(params: MaskParams, lines: int) -> dict[str, Any]:
    """How many lines of each corpus, what was found in them, and in how many it differs."""
    masker = Masker(params)
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    differing = 0
    sources = real_lines.by_source(reviews.data_folder())
    real = chain.from_iterable(((name, line) for line in found) for name, found in sources.items())
    numbered = islice(chain(real, with_numbers()), lines)
    while rows := list(islice(numbered, ROWS)):
        counts.update(source for source, _ in rows)
        texts = [text for _, text in rows]
        found = dict(mask_column(masker, pa.array(texts, pa.string()))[1])
        for row, text in enumerate(texts):
            hits = plain_masking.find(masker, text)
            differing += hits != found.get(row, [])
            kinds.update(hit.kind for hit in hits)
    planted = counts.pop("planted", 0)
    figures = {
        "real lines": counts.total(),
        "real lines by corpus": dict(counts),
        "real lines again, each with an invented number": planted,
        "lines": counts.total() + planted,
        "hits by kind": dict(sorted(kinds.items())),
        "lines that differ": differing,
    }
    print(figures, flush=True)
    return figures


def with_numbers() -> Iterator[tuple[str, str]]:
    """Real lines again, an invented number at any place of each."""
    rng = random.Random(1)
    lines = real_lines.all_lines(reviews.data_folder())
    for line, form in zip(lines, cycle(PLANTED), strict=False):
        number = "".join(rng.choice("0123456789") if c == "N" else c for c in form)
        if rng.random() < 0.1:
            number = number.translate(WIDE)
        place = rng.randint(0, len(line))
        yield "planted", line[:place] + number + line[place:]


if __name__ == "__main__":
    main()
