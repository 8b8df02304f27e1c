"""One file over HTTP into a partial file, going on where an earlier try broke off.

Beside ``<name>.partial`` lies ``<name>.origin``, the URL and what the server calls this version of
the file (ETag or Last-Modified): with ``If-Range`` (RFC 9110, 13.1.5) a file that has changed in
the meantime comes from its start.
"""

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError, RequestException, SSLError, Timeout
from urllib3.exceptions import HTTPError

from runtime import files
from runtime.errors import PolyglotError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
TIMEOUT = (10, 60)  # seconds to connect, and without a byte
PAUSES = (1, 2, 4, 8)  # seconds before the next try; a try that brings bytes begins them anew
CHUNK = 1 << 20  # bytes

Watch = Callable[[int, int | None], None]  # bytes that are there, bytes in all if that is known


class Interrupted(Exception):
    """What may pass: it is worth another try."""


def download(url: str, partial: Path, size: int | None, watch: Watch) -> None:
    """Bring ``url`` into ``partial``, flushed to the disk; ``size`` is the registry's, in bytes.

    Raises:
        PolyglotError: the address cannot be reached or is not encrypted, the server refuses, the
            file has another size, the disk is full, or another process fetches the same file.
    """
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("ab") as file, requests.Session() as session:
            _lock(file, partial)
            session.mount("http://", _Loopback())
            session.headers["Accept-Encoding"] = "identity"  # sizes and ranges are of the file
            _persist(_File(url, file, partial.with_suffix(".origin"), size, watch), session)
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise PolyglotError(f"{partial} cannot be written ({error.strerror}).") from None
        raise PolyglotError(
            f"The disk is full: what has come of {url} is kept in {partial}; free some space and "
            "fetch again to go on."
        ) from None


class _File:
    """A file on its way."""

    def __init__(
        self, url: str, file: BinaryIO, origin: Path, size: int | None, watch: Watch
    ) -> None:
        self.url = url
        self.origin = origin
        self.size = size
        self.watch = watch
        self._file = file

    @property
    def done(self) -> int:
        """Bytes that are there."""
        self._file.flush()
        return os.fstat(self._file.fileno()).st_size

    @property
    def version(self) -> str | None:
        """What the server called the version that the bytes are of."""
        if not self.done or not self.origin.exists():
            return None
        kept = files.read_json(self.origin)
        return kept["version"] if kept["url"] == self.url else None

    def begin(self, version: str | None) -> None:
        """What comes now, from the start, is of ``version``."""
        self.clear()
        files.write_json(self.origin, {"url": self.url, "version": version})

    def clear(self) -> None:
        if self.done:
            self._file.truncate(0)

    def append(self, chunk: bytes, total: int | None) -> None:
        self._file.write(chunk)
        self.watch(self.done, total)


class _Loopback(HTTPAdapter):
    """Plain HTTP, which anybody on the way can change, to this machine only."""

    def send(self, request, *args, **options):
        if urlsplit(request.url).hostname not in LOOPBACK:
            raise PolyglotError(f"{request.url} is not encrypted: only https is fetched.")
        return super().send(request, *args, **options)


def _persist(file: _File, session: requests.Session) -> None:
    """Try until the file is whole; give up when the pauses are used up without a byte."""
    pauses = iter(PAUSES)
    while True:
        before = file.done
        try:
            return _try(file, session)
        except Interrupted as error:
            if file.done > before:
                pauses = iter(PAUSES)
            pause = next(pauses, None)
            if pause is None:
                kept = f"; the {file.done:,} bytes that came are kept" if file.done else ""
                raise PolyglotError(
                    f"{file.url} {error}{kept}: check the network and fetch again."
                ) from None
        time.sleep(pause)


def _try(file: _File, session: requests.Session) -> None:
    asked = {}
    if version := file.version:
        asked = {"Range": f"bytes={file.done}-", "If-Range": version}
    else:
        file.clear()
    try:
        with session.get(file.url, headers=asked, stream=True, timeout=TIMEOUT) as response:
            if not _is_whole(file, response):
                _take(file, response)
    except SSLError:
        raise PolyglotError(f"{file.url} has no valid certificate: nothing is fetched.") from None
    except (requests.ConnectionError, ChunkedEncodingError, Timeout, HTTPError) as error:
        what = "broke off" if file.done else "cannot be reached"
        raise Interrupted(f"{what} ({type(error).__name__})") from None
    except RequestException as error:
        raise PolyglotError(f"{file.url} cannot be fetched ({type(error).__name__}).") from None


def _is_whole(file: _File, response: requests.Response) -> bool:
    """Whether the server has nothing to add; what it refuses is raised."""
    code = response.status_code
    if code == requests.codes.requested_range_not_satisfiable and file.done:
        whole = response.headers.get("Content-Range") == f"bytes */{file.done}"
        if whole and _version(response) in (None, file.version):
            return True
        file.clear()
        raise Interrupted("is not the file that came in part earlier")
    if code == requests.codes.too_many_requests or code >= 500:
        raise Interrupted(f"is not served now ({code})")
    if code not in (requests.codes.ok, requests.codes.partial_content):
        raise PolyglotError(
            f"{file.url} is refused ({code} {response.reason}): look whether its publisher moved "
            "it, and mend the address in conf/sources."
        )
    return False


def _take(file: _File, response: requests.Response) -> None:
    """Append what comes, or begin anew where it is not the rest of what is there."""
    length = response.headers.get("Content-Length")
    if response.status_code == requests.codes.partial_content:
        begins = response.headers.get("Content-Range", "").partition("-")[0]
        if begins != f"bytes {file.done}" or _version(response) not in (None, file.version):
            file.clear()
            raise Interrupted("changed while it was fetched")
    else:
        file.begin(_version(response))
    done = file.done
    total = file.size if length is None else done + int(length)
    if file.size not in (None, total):
        raise PolyglotError(
            f"{file.url} has {total:,} bytes in place of the {file.size:,} of conf/sources: its "
            "publisher changed it."
        )
    free = shutil.disk_usage(file.origin.parent).free
    if total is not None and total - done > free:
        raise PolyglotError(
            f"{file.url} needs {total - done:,} more bytes in {file.origin.parent}, where "
            f"{free:,} are free."
        )
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        file.append(chunk, total)
    if total is not None and file.done != total:
        raise Interrupted(f"ended after {file.done:,} of {total:,} bytes")


def _version(response: requests.Response) -> str | None:
    """A strong ETag, or the time of change: what ``If-Range`` may name."""
    etag = response.headers.get("ETag", "W/")
    return response.headers.get("Last-Modified") if etag.startswith("W/") else etag


def _lock(file: BinaryIO, partial: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PolyglotError(f"{partial} is being fetched by another process.") from None
