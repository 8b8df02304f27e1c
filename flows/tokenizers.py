"""``polyglot tokenizer compare``: tokenizers side by side on the same text."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tokenizers import Tokenizer

from runtime import documents, params, paths
from runtime.errors import PolyglotError
from stages.tokenize.split import held_out, random_bits
from stages.tokenizer.card import MARKED, SENTENCES
from stages.tokenizer.measure import crossing, measured, pieces
from stages.tokenizer.morphemes import Morphemes

FILE = "tokenizer.json"
TEXTS = 2_000  # held-out documents, the first ones, if no text is given


def compare(tokenizers: list[Path], texts: list[Path], as_json: bool) -> None:
    """Print figures of tokenizers on the lines of ``texts``, or on held-out documents.

    Raises:
        PolyglotError: a file is no tokenizer or no UTF-8 text, or there are no held-out documents.
    """
    loaded = {str(path): _loaded(path) for path in tokenizers or [paths.TOKENIZER]}
    sample = list(_lines(texts) if texts else islice(_held_out(), TEXTS))
    if not sample:
        raise PolyglotError("There is no text to compare on: name a file with --text.")
    figures = {name: _figures(tokenizer, sample) for name, tokenizer in loaded.items()}
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        _show(figures, len(sample))


def _loaded(path: Path) -> Tokenizer:
    file = path / FILE if path.is_dir() else path
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises no narrower type
        raise PolyglotError(f"{file} is no tokenizer ({error}).") from None


def _lines(texts: list[Path]) -> Iterator[tuple[str, str]]:
    for path in texts:
        try:
            with path.open(encoding="utf-8") as file:
                yield from ((path.name, line.rstrip("\n")) for line in file if line.strip())
        except (OSError, UnicodeDecodeError) as error:
            raise PolyglotError(f"{path} cannot be read as UTF-8 text ({error}).") from None


def _held_out() -> Iterator[tuple[str, str]]:
    share = params.read()["tokenize"]["validation_share"]
    for document in documents.read(paths.MASK / "documents"):
        if held_out(random_bits([document.id]), share)[0]:
            yield document.metadata["source"], document.text


def _figures(tokenizer: Tokenizer, sample: list[tuple[str, str]]) -> dict[str, Any]:
    measure = measured(tokenizer, sample)
    some = (text for _, text in sample[:: max(1, len(sample) // MARKED)])
    return {
        "entries": tokenizer.get_vocab_size(),
        "bytes_per_token": measure.total.bytes_per_token,
        "tokens_per_eojeol": measure.total.tokens_per_eojeol,
        "crossing_share": crossing(tokenizer, some, Morphemes()),
        "unused_entries": int((~measure.used).sum()),
        "sources": {
            source: {
                "bytes_per_token": count.bytes_per_token,
                "tokens_per_eojeol": count.tokens_per_eojeol,
            }
            for source, count in sorted(measure.sources.items())
        },
        "pieces": [pieces(tokenizer, sentence) for sentence in SENTENCES],
    }


def _show(figures: dict[str, dict[str, Any]], texts: int) -> None:
    console = Console()
    table = Table(title=f"On {texts:,} texts", box=None, header_style="bold", title_justify="left")
    table.add_column("")
    for name in figures:
        table.add_column(name, justify="right", overflow="fold")
    for label, key, form in (
        ("entries", "entries", ",d"),
        ("bytes per token", "bytes_per_token", ".3f"),
        ("tokens per eojeol", "tokens_per_eojeol", ".3f"),
        ("tokens across morphemes", "crossing_share", ".1%"),
        ("entries not used", "unused_entries", ",d"),
    ):
        table.add_row(label, *(format(found[key], form) for found in figures.values()))
    for source in next(iter(figures.values()))["sources"]:
        of_each = (found["sources"][source]["bytes_per_token"] for found in figures.values())
        table.add_row(f"bytes per token, {source}", *(f"{value:.3f}" for value in of_each))
    console.print(table)
    for name, found in figures.items():
        console.print(f"\n{name}", style="bold")
        for sentence in found["pieces"]:
            console.print(
                "│".join(piece.replace(" ", "␣") for piece in sentence),
                markup=False,
                highlight=False,
            )
