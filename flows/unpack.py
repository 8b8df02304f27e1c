"""Unpacks tar archives, whole or split into parts, without trusting what is in them."""

import gzip
import io
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from runtime.errors import PolyglotError
from stages.ingest.streams import MOST_RATIO, MOST_SMALL

ARCHIVE = re.compile(r"(.+\.tar\.gz)[a-z]{0,2}")  # the suffixes are those of split(1)
BUFFER = 1 << 20  # bytes


def archive_of(path: str) -> str | None:
    """The archive that a file is, or is a part of; None: no archive."""
    match = ARCHIVE.fullmatch(path)
    return match[1] if match else None


def unpack(parts: list[Path], into: Path) -> list[str]:
    """Write the files of the archive, given as its parts in order, to the new folder ``into``.

    Returns their paths there.

    Raises:
        PolyglotError: the archive is torn, or holds something else than files and folders inside.
    """
    archive = parts[0]
    try:
        with gzip.open(io.BufferedReader(_Joined(parts), BUFFER)) as stream:
            with tarfile.open(fileobj=stream, mode="r|") as opened:
                left = max(MOST_SMALL, MOST_RATIO * sum(part.stat().st_size for part in parts))
                found = []
                for member in _files(opened):
                    left -= member.size
                    if left < 0:
                        raise PolyglotError(
                            f"{archive} holds over {MOST_RATIO} times its own size, which is no "
                            "text: it is not unpacked."
                        )
                    found.append(_written(opened, member, into, archive))
            while stream.read(BUFFER):  # to its checksum
                pass
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise PolyglotError(
            f"{archive} cannot be unpacked ({type(error).__name__}): delete it and fetch again."
        ) from None
    return found


def _files(opened: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    return (member for member in opened if not member.isdir())


def _written(opened: tarfile.TarFile, member: tarfile.TarInfo, into: Path, archive: Path) -> str:
    name = PurePosixPath(member.name)
    content = opened.extractfile(member) if member.isfile() else None
    if content is None or name.is_absolute() or ".." in name.parts:
        raise PolyglotError(
            f"{archive} holds {member.name!r}, which is no file inside its folder: it is not "
            "unpacked."
        )
    target = into / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file, BUFFER)
    return str(name)


class _Joined(io.RawIOBase):
    """Files, one after another, as one."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = iter(paths)
        self._file: io.BufferedReader | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while True:
            if self._file is None:
                path = next(self._paths, None)
                if path is None:
                    return 0
                self._file = path.open("rb")
            if read := self._file.readinto(buffer):
                return read
            self._file.close()
            self._file = None
