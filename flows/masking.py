"""Mask a stream of lines, of any length in all, one line in memory at a time."""

from collections.abc import Iterable
from typing import TextIO

import orjson

from runtime.errors import PolyglotError
from stages.mask.masking import Masker
from stages.mask.params import MaskParams


def mask_lines(
    files: Iterable[TextIO], output: TextIO, *, field: str | None, hits: TextIO | None
) -> None:
    """Write every line masked; with ``field``, lines are JSON objects of which it is one.

    Args:
        files: Where the lines come from.
        output: Where the masked lines go.
        field: The field that holds the text; none: the whole line is text.
        hits: Takes one line a hit: file, line number, kind, rule, start and end in characters.

    Raises:
        PolyglotError: a line is no JSON object with the field.
    """
    masker = Masker(MaskParams([], business_phones=False, spelled_phones=False, samples=0))
    for file in files:
        for number, line in enumerate(file, 1):
            record = _record(line, field, f"{file.name}, line {number}") if field else None
            masked, found = masker.mask(str(record[field]) if record else line.rstrip("\n"))
            if record:
                output.write(orjson.dumps(record | {field: masked}).decode() + "\n")
            else:
                output.write(masked + "\n")
            for hit in found if hits else ():
                print(
                    file.name, number, hit.kind, hit.rule, hit.start, hit.end, sep="\t", file=hits
                )


def _record(line: str, field: str, place: str) -> dict:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        record = None
    if not isinstance(record, dict) or not isinstance(record.get(field), str):
        raise PolyglotError(f"{place} is no JSON object with the text field {field!r}.")
    return record
