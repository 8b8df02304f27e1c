"""Raw files as streams of bytes and of lines: decompressed, and strict about torn archives."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from typing import IO

import zstandard

CHUNK = 1 << 18  # bytes read at a time
LINE = 1 << 26  # bytes; a longer line is no text but a broken file
WINDOW = 1 << 31  # bytes; the largest zstd window (--long=31)
BOM = b"\xef\xbb\xbf"


class Unreadable(Exception):
    """The rest of a file cannot be read; ``raw`` is the record it broke off in."""

    def __init__(self, reason: str, raw: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.raw = raw


def contents(name: str, file: BufferedIOBase) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The name and the chunks of what is in a file: of every member if it is a zip archive.

    Both the iterator and the chunks raise Unreadable.
    """
    if name.endswith(".zip"):
        yield from _members(name, file)
    elif name.endswith(".gz"):
        yield name, _gzip(file)
    elif name.endswith(".zst"):
        yield name, _zstd(file)
    else:
        yield name, _plain(file)


def lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines without their end (``\\n`` or ``\\r\\n``); a byte order mark at the start is dropped.

    Nothing else ends a line: U+2028 and U+0085 occur inside real reviews.
    """
    rest, bom = b"", BOM
    try:
        for chunk in chunks:
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                yield line.removeprefix(bom).removesuffix(b"\r")
                bom = b""
            if len(rest) > LINE:
                raise Unreadable("line_too_long")
    except Unreadable as error:
        raise Unreadable(error.reason, rest) from None
    if rest:
        yield rest.removeprefix(bom).removesuffix(b"\r")


def _plain(file: BufferedIOBase | IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _gzip(file: BufferedIOBase) -> Iterator[bytes]:
    try:
        with gzip.open(file) as opened:
            yield from _plain(opened)
    except EOFError:
        raise Unreadable("truncated_archive") from None
    except (gzip.BadGzipFile, zlib.error):
        raise Unreadable("broken_archive") from None


def _zstd(file: BufferedIOBase) -> Iterator[bytes]:
    """zstandard's own reader takes a truncated frame for the end of the file."""
    frame = None
    for chunk in _plain(file):
        while chunk:
            if frame is None:
                frame = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj()
            try:
                yield frame.decompress(chunk)
            except zstandard.ZstdError:
                raise Unreadable("broken_archive") from None
            chunk = frame.unused_data if frame.eof else b""
            if frame.eof:
                frame = None
    if frame is not None:
        raise Unreadable("truncated_archive")


def _members(name: str, file: BufferedIOBase) -> Iterator[tuple[str, Iterator[bytes]]]:
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise Unreadable("broken_archive") from None
    for member in sorted(archive.infolist(), key=lambda info: info.filename):
        if not member.is_dir():
            yield f"{name}/{member.filename}", _member(archive, member)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(member) as file:
            yield from _plain(file)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise Unreadable("broken_archive") from None
    except (RuntimeError, NotImplementedError):  # a password, an unknown compression
        raise Unreadable("locked_archive") from None
