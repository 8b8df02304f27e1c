"""Raw files as streams of bytes and of lines: decompressed, and strict about torn archives."""

import bz2
import lzma
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import zstandard

CHUNK = 1 << 18  # bytes read at a time
MOST_RATIO = 200  # unpacked to packed bytes; text reaches 3 to 20
MOST_SMALL = 1 << 28  # unpacked bytes, up to which no ratio is looked at
LINE = 1 << 26  # bytes; a longer line is no text but a broken file, and so is a longer record
FEW = 1 << 12  # bytes of zstd decompressed at a time: they hold at most 128 MB, of one character
WINDOW = 1 << 31  # bytes; the largest zstd window (--long=31)
BOM = b"\xef\xbb\xbf"
MACOS = "__MACOSX/"  # where macOS keeps the attributes of the files it packs


class Unreadable(Exception):
    """The rest of a file cannot be read; ``raw`` is the record it broke off in."""

    def __init__(self, reason: str, raw: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.raw = raw


class _Gzip:
    """zlib's object with the manners of bz2's and lzma's."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def needs_input(self) -> bool:
        return not self._object.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._object.decompress(self._object.unconsumed_tail + data, max_length)


class _Zstd:
    """The same of zstandard's, which gives out all that some bytes hold: so it gets few."""

    def __init__(self) -> None:
        self._object = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj()
        self._waiting = memoryview(b"")

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data + bytes(self._waiting)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """``data`` is given when input is needed, and not before."""
        waiting = self._waiting or memoryview(data)
        self._waiting = waiting[FEW:]
        return self._object.decompress(waiting[:FEW])


PACKED: dict[str, Callable[[], Any]] = {
    ".gz": _Gzip,
    ".bz2": bz2.BZ2Decompressor,
    ".xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ),
    ".zst": _Zstd,
}
SUFFIXES = (*PACKED, ".zip")
_BROKEN = (zlib.error, lzma.LZMAError, zstandard.ZstdError, EOFError, ValueError, OSError)


def suffix(name: str) -> str:
    """The suffix of a name's compression; empty if it has none."""
    last = os.path.splitext(name)[1].lower()
    return last if last in SUFFIXES else ""


def plain(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a file, a chunk at a time."""
    while chunk := file.read(CHUNK):
        yield chunk


def unpacked(name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks of a file (no zip archive) decompressed as its name says, without its BOM.

    Raises:
        Unreadable: the archive is truncated or broken, or something else stands behind it.
    """
    new = PACKED.get(suffix(name))
    return _without_bom(_frames(chunks, new) if new else chunks)


def _frames(chunks: Iterator[bytes], new: Callable[[], Any]) -> Iterator[bytes]:
    """One compressed frame after the other; zeros may stand between them (gzip, xz padding).

    The libraries' own readers take a truncated zstd frame, and garbage behind a bz2 stream, for
    the end of the file.
    """
    frame = None
    bound = _Bound()
    for chunk in chunks:
        bound.packed += len(chunk)
        while chunk:
            if frame is None:
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    break
                frame = new()
            while not frame.eof and (chunk or not frame.needs_input):
                try:
                    part = frame.decompress(chunk, CHUNK)
                except _BROKEN:
                    raise Unreadable("broken_archive") from None
                chunk = b""
                if part:
                    bound.check(len(part))
                    yield part
            if frame.eof:
                chunk, frame = frame.unused_data, None
    if frame is not None:
        raise Unreadable("truncated_archive")


class _Bound:
    """What an archive may become: a bomb is stopped before it fills the disk."""

    def __init__(self, packed: int = 0) -> None:
        self.packed = packed  # bytes read
        self._unpacked = 0

    def check(self, more: int) -> None:
        """Count ``more`` bytes that came out.

        Raises:
            Unreadable: that is more than text can be packed into so little.
        """
        self._unpacked += more
        if self._unpacked > MOST_SMALL and self._unpacked > MOST_RATIO * self.packed:
            raise Unreadable("archive_bomb")


def _without_bom(chunks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= len(BOM):
            yield head.removeprefix(BOM)
            yield from chunks
            return
    yield head.removeprefix(BOM)


def members(file: IO[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The members of a zip archive in the order of their names; their chunks are not unpacked.

    Both the iterator and the chunks raise Unreadable.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Unreadable("broken_archive") from None
    for member in sorted(archive.infolist(), key=lambda info: info.filename):
        if not (member.is_dir() or member.filename.startswith(MACOS)):
            yield member.filename, _member(archive, member)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        bound = _Bound(member.compress_size)
        with archive.open(member) as file:
            for chunk in plain(file):
                bound.check(len(chunk))
                yield chunk
    except (zipfile.BadZipFile, *_BROKEN):
        raise Unreadable("broken_archive") from None
    except (RuntimeError, NotImplementedError):  # a password, an unknown compression
        raise Unreadable("locked_archive") from None


def block(file: IO[bytes], start: int, end: int, header: bool) -> Iterator[bytes]:
    """The lines of a file that begin in ``[start, end)``, behind its first line if ``header``."""
    if start == 0:
        yield from _to_line_end(file, end)
        return
    if header:
        yield file.readline()
    file.seek(start - 1)
    while line := file.readline(CHUNK):
        if line.endswith(b"\n"):
            break
    yield from _to_line_end(file, end)


def _to_line_end(file: IO[bytes], end: int) -> Iterator[bytes]:
    """From where the file stands to the end of the line in which the byte ``end - 1`` stands."""
    while (left := end - file.tell()) > 0 and (chunk := file.read(min(CHUNK, left))):
        yield chunk
        if left <= len(chunk) and not chunk.endswith(b"\n"):
            while line := file.readline(CHUNK):
                yield line
                if line.endswith(b"\n"):
                    break


def lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines without their end (``\\n`` or ``\\r\\n``).

    Nothing else ends a line: U+2028 and U+0085 occur inside real reviews.
    """
    begun: list[bytes] = []  # the line that goes on in the next chunk
    length = 0
    try:
        for chunk in chunks:
            first, *rest = chunk.split(b"\n")
            begun.append(first)
            length += len(first)
            if rest:
                yield b"".join(begun).removesuffix(b"\r")
                for line in rest[:-1]:
                    yield line.removesuffix(b"\r")
                begun, length = [rest[-1]], len(rest[-1])
            if length > LINE:
                raise Unreadable("line_too_long")
    except Unreadable as error:
        raise Unreadable(error.reason, b"".join(begun)) from None
    if length:
        yield b"".join(begun).removesuffix(b"\r")


def whole(chunks: Iterator[bytes]) -> bytes:
    """All of a file in one piece."""
    parts: list[bytes] = []
    length = 0
    try:
        for chunk in chunks:
            parts.append(chunk)
            length += len(chunk)
            if length > LINE:
                raise Unreadable("file_too_long")
    except Unreadable as error:
        raise Unreadable(error.reason, b"".join(parts)) from None
    return b"".join(parts)


@contextmanager
def seekable(chunks: Iterator[bytes]) -> Iterator[IO[bytes]]:
    """The same bytes as a temporary file."""
    with tempfile.TemporaryFile() as file:
        for chunk in chunks:
            file.write(chunk)
        file.seek(0)
        yield file
