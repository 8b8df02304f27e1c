"""Mask a stream of any length, a few megabytes of it in memory at a time."""

import codecs
import json
import os
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from runtime.documents import defuse
from runtime.errors import PolyglotError
from stages.ingest import streams
from stages.mask.kinds import KINDS
from stages.mask.masking import Hit, Masker
from stages.mask.params import MaskParams
from stages.mask.rules import families

BLOCK = 1 << 20  # characters: a line that goes on for longer is cut where no number can be
LONGEST = 1 << 24  # characters: here it is cut anyhow
QUIET = 256  # characters without a digit or an @: cut in their middle, no rule sees less


@dataclass(frozen=True)
class Place:
    """Where a hit is: what ``--explain`` prints, never the number itself."""

    file: str
    line: int  # from 1
    kind: str
    rule: str
    start: int  # characters of the line, or of the JSON field, from 0
    end: int

    def __str__(self) -> str:
        return f"{self.file}\t{self.line}\t{self.kind}\t{self.rule}\t{self.start}\t{self.end}"


class Filter:
    """Masks files, or standard input, one after the other.

    A literal special token in the input is defused, so that what stands in the output was put there
    by masking; ``keep_tokens`` leaves it as it is, for text that has been masked before.
    """

    def __init__(
        self, params: MaskParams, keep_tokens: bool, told: Callable[[Place], None] | None
    ) -> None:
        self._masker = Masker(params)
        self._rest: Callable[[str], str] = str if keep_tokens else defuse
        self._told = told

    def text(self, name: str, file: BinaryIO, output: BinaryIO) -> None:
        """Mask every line; line ends and bytes that are no UTF-8 stay as they are.

        Raises:
            PolyglotError: an archive is broken.
        """
        line = 1
        for block in _blocks(_pieces(name, file)):
            hits = self._masker.find(block)
            output.write(self._replaced(block, hits).encode("utf-8", "surrogateescape"))
            output.flush()
            if self._told and hits:
                ends = [place for place, character in enumerate(block) if character == "\n"]
                for hit in hits:
                    number = bisect_right(ends, hit.start)
                    begin = ends[number - 1] + 1 if number else 0
                    start, end = hit.start - begin, hit.end - begin
                    self._told(Place(name, line + number, hit.kind, hit.rule, start, end))
            line += block.count("\n")

    def json_lines(self, name: str, file: BinaryIO, output: BinaryIO, fields: list[str]) -> None:
        """Mask some fields of JSON objects, one a line; a line in which nothing changes stays as
        it is to the byte, and of another the other fields keep their values and order.

        Raises:
            PolyglotError: a line is no JSON object with these text fields; those before are out.
        """
        for number, line in enumerate(_lines(_pieces(name, file)), 1):
            if not line.strip():
                output.write(line.encode("utf-8", "surrogateescape"))
                continue
            record = _record(line, fields, f"{name}, line {number}")
            new = {field: self._field(name, number, record[field]) for field in fields}
            if any(record[field] != text for field, text in new.items()):
                end = line[len(line.rstrip("\r\n")) :]
                line = json.dumps(record | new, ensure_ascii=False) + end
            output.write(line.encode("utf-8", "surrogateescape"))

    def _field(self, name: str, number: int, text: str) -> str:
        hits = self._masker.find(text)
        if self._told:
            for hit in hits:
                self._told(Place(name, number, hit.kind, hit.rule, hit.start, hit.end))
        return self._replaced(text, hits)

    def _replaced(self, text: str, hits: list[Hit]) -> str:
        parts, position = [], 0
        for hit in hits:
            parts += [self._rest(text[position : hit.start]), KINDS[hit.kind].token]
            position = hit.end
        return "".join([*parts, self._rest(text[position:])])


def inputs(paths: list[Path]) -> Iterator[tuple[str, BinaryIO]]:
    """The files under their names, opened one after the other; none: standard input.

    Raises:
        PolyglotError: one cannot be read.
    """
    for path in paths:
        try:
            file = path.open("rb")
        except OSError as error:
            raise PolyglotError(f"{path} cannot be read: {error.strerror}.") from None
        with file:
            yield str(path), file
    if not paths:
        yield "<stdin>", sys.stdin.buffer


def described(params: MaskParams) -> Iterator[str]:
    """Lines on every kind with its token, and on every rule with a sentence and an example; what
    ``params`` do not ask for is said to be off."""
    optional = [name for name, kind in KINDS.items() if kind.optional]
    everything = MaskParams(optional, business_phones=True, spelled_phones=True, samples=0)
    on = {(rule.kind, rule.name) for family in families(params) for rule in family.rules}
    rules = [rule for family in families(everything) for rule in family.rules]
    for name, kind in KINDS.items():
        yield f"{name}: {kind.title} ({kind.korean}) become {kind.token}"
        for rule in rules:
            if rule.kind == name:
                off = "" if (name, rule.name) in on else " (off)"
                yield f"    {rule.name}{off}: {rule.says} Such as: {rule.example}"


def _pieces(name: str, file: BinaryIO) -> Iterator[str]:
    """The text of a file, a piece at a time, decompressed if its name says so."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    try:
        for chunk in streams.unpacked(name, _chunks(file)):
            yield decoder.decode(chunk)
    except streams.Unreadable as error:
        reason = error.reason.replace("_", " ")
        raise PolyglotError(f"{name} cannot be read to its end ({reason}).") from None
    except OSError as error:
        raise PolyglotError(f"{name} cannot be read: {error.strerror}.") from None
    yield decoder.decode(b"", final=True)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """What is there, so that a line typed is a line answered."""
    while chunk := os.read(file.fileno(), 1 << 20):
        yield chunk


def _blocks(pieces: Iterator[str]) -> Iterator[str]:
    """Whole lines together; of a line without end, pieces that no rule would look across."""
    rest = ""
    for piece in pieces:
        rest += piece
        cut = rest.rfind("\n") + 1
        if not cut and len(rest) >= BLOCK:
            cut = _quiet(rest[-BLOCK:])
            cut = cut and len(rest) - BLOCK + cut
        if not cut and len(rest) >= LONGEST:
            cut = len(rest)
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _quiet(text: str) -> int:
    """The last place in the middle of ``QUIET`` characters in which no number can be; else 0."""
    run = 0
    for place in range(len(text) - 1, -1, -1):
        run = 0 if text[place].isnumeric() or text[place] in "@＠" else run + 1
        if run == QUIET:
            return place + QUIET // 2
    return 0


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    rest: list[str] = []
    for piece in chain(pieces, [""]):
        *whole, last = piece.split("\n")
        if whole:
            yield "".join([*rest, whole[0], "\n"])
            yield from (line + "\n" for line in whole[1:])
            rest = []
        rest.append(last)
    if last_line := "".join(rest):
        yield last_line


def _record(line: str, fields: list[str], place: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    for field in fields:
        if not isinstance(record, dict) or not isinstance(record.get(field), str):
            raise PolyglotError(f"{place} is no JSON object with the text field {field!r}.")
    return record
