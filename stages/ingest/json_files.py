"""JSON files of any size: one value, read a record at a time."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from stages.ingest.records import Broken, Fields, Records, extractor, is_unicode, is_utf8
from stages.ingest.streams import LINE, Unreadable

NUMBER = 3  # characters that the rest of a number, cut anywhere, may need to be told from an end
SPACE = re.compile(r"[ \t\n\r]*")


def json_file(chunks: Iterator[bytes], fields: Fields) -> Records:
    """One JSON value: a list of records, or an object with the records somewhere below.

    Of a torn file the records before the tear are read.
    """
    extract = extractor(fields)
    values = _Values(chunks)
    for value in values.below(fields.records.split(".") if fields.records else []):
        found = extract(value)
        if isinstance(found, Broken):
            found.raw = values.raw()
        elif not is_unicode(found):
            raw = values.raw()
            found = Broken("broken_json" if is_utf8(raw) else "broken_utf8", raw)
        yield found


def _integer(digits: str) -> float:
    """Python's own refuses some thousand digits; no text is lost with their precision."""
    return int(digits) if len(digits) < 1_000 else float(digits)


class _Values:
    """The values of a JSON text, of which only a window is held: at most ``LINE`` characters.

    Python's own decoder reads a value that begins anywhere in a string and says where it ends; a
    value that reaches the end of the window is read again in a larger one.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._utf8 = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._json = json.JSONDecoder(strict=False, parse_int=_integer)
        self._window = ""
        self._start = self._at = 0  # of the last value, and where reading goes on
        self._ended = False
        self._fault: Unreadable | None = None  # that ended it

    def below(self, path: list[str]) -> Iterator[Any]:
        """Every value at ``path``, through the items of lists; the text ends after them."""
        try:
            if self._peek():
                yield from self._walk(path)
        except RecursionError:
            raise self._broken() from None
        if self._peek() or self._fault:
            raise self._broken()

    def raw(self) -> bytes:
        """The bytes of the last value."""
        return self._window[self._start : self._at].encode(errors="surrogateescape")

    def _walk(self, path: list[str]) -> Iterator[Any]:
        first = self._peek()
        if first == "[":
            for _ in self._items("]"):
                yield from self._walk(path)
        elif path and first == "{":
            for _ in self._items("}"):
                key = self._value()
                self._expect(":")
                if key == path[0]:
                    yield from self._walk(path[1:])
                else:
                    self._value()
        else:
            value = self._value()
            if not path:
                yield value

    def _items(self, end: str) -> Iterator[None]:
        """Stops before every item of a list or an object."""
        self._at += 1
        if self._peek() == end:
            self._at += 1
            return
        while True:
            yield
            if self._peek() == end:
                self._at += 1
                return
            self._expect(",")

    def _expect(self, mark: str) -> None:
        if self._peek() != mark:
            raise self._broken()
        self._at += 1

    def _peek(self) -> str:
        """The next character that is no white space; nothing at the end."""
        while True:
            match = SPACE.match(self._window, self._at)
            assert match
            self._at = match.end()
            if self._at < len(self._window):
                return self._window[self._at]
            if self._ended:
                return ""
            self._more()

    def _value(self) -> Any:
        if not self._peek():
            raise self._broken()
        while True:
            try:
                value, end = self._json.raw_decode(self._window, self._at)
                # A number may go on behind the window: 1. for 1.5, which is read as 1.
                begun = isinstance(value, int | float) and len(self._window) - end < NUMBER
                if (end < len(self._window) and not begun) or self._ended:
                    self._start, self._at = self._at, end
                    return value
            except ValueError:  # broken, or cut by the end of the window
                if self._ended or len(self._window) - self._at > LINE:
                    raise self._broken() from None
            self._more()

    def _more(self) -> None:
        """Drop what is read, and double what is not."""
        rest = self._window[self._at :]
        parts, wanted = [rest], max(len(rest), 1)
        while wanted > 0 and not self._ended:
            chunk = None
            try:
                chunk = next(self._chunks, None)
            except Unreadable as error:  # what came before it is read first
                self._fault = error
            self._ended = chunk is None
            part = self._utf8.decode(chunk or b"", self._ended)
            parts.append(part)
            wanted -= len(part)
        self._window, self._at = "".join(parts), 0

    def _broken(self) -> Unreadable:
        reason = self._fault.reason if self._fault else "broken_json"
        return Unreadable(reason, self._window[self._at :].encode(errors="surrogateescape"))
