"""What a reader of a format yields: records, and what cannot be read as Broken.

Fields are named by paths: ``body.dialogue.utterance`` goes down three objects, and through every
item where there is a list on the way. Positions count the records of a file from 0; headers do not
count, empty and broken records do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(slots=True)
class Record:
    text: str
    id: str | None  # the source's own


@dataclass(slots=True)
class Broken:
    reason: str
    raw: bytes
    torn: bool = False  # whether nothing after it in its file could be read


@dataclass(slots=True)
class Skipped:
    """A record that is no document; the ledger counts it under its kind."""

    kind: str


class Fields(Protocol):
    """What a format needs to know of a layout."""

    text: list[str]
    id: str | None
    records: str | None


Records = Iterator[Record | Broken | Skipped]


def extractor(fields: Fields) -> Callable[[Any], Record | Broken]:
    """A function from a JSON value to its record; the caller fills in ``raw`` where it is broken.

    The record's text and id may hold lone surrogates if the value does.
    """
    if len(fields.text) != 1 or "." in fields.text[0] or "." in (fields.id or ""):
        return lambda value: _record(value, fields)
    text_key, id_key = fields.text[0], fields.id

    def flat(value: Any) -> Record | Broken:
        if type(value) is dict:
            text = value.get(text_key)
            own = value.get(id_key)
            if type(text) is str and (own is None or type(own) is str):
                return Record(text, own)
        return _record(value, fields)

    return flat


def _record(value: Any, fields: Fields) -> Record | Broken:
    parts = [part for path in fields.text for part in _find(value, path.split("."))]
    if not parts:
        return Broken("missing_text", b"")
    if not all(isinstance(part, str) for part in parts):
        return Broken("text_not_string", b"")
    own = next(_find(value, fields.id.split(".")), None) if fields.id else None
    return Record("\n".join(parts), None if own is None else str(own))


def _find(value: Any, path: list[str]) -> Iterator[Any]:
    """Every value at ``path``, through the items of lists."""
    if isinstance(value, list):
        for item in value:
            yield from _find(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _find(value[path[0]], path[1:])


def is_utf8(raw: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_unicode(record: Record) -> bool:
    """False for lone surrogates, which no UTF-8 can hold."""
    try:
        record.text.encode()
        if record.id is not None:
            record.id.encode()
    except UnicodeEncodeError:
        return False
    return True
