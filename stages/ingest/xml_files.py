"""XML of any size and shape, and the subtitles of OPUS, read with lxml a record at a time.

No entity is resolved, nothing is fetched, and a file that brings a document type of its own is
held to libxml2's limits (10 MB a text, 256 levels), so that it cannot blow up.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import chain

from lxml import etree

from stages.ingest.records import Broken, Fields, Record, Records
from stages.ingest.streams import LINE, Unreadable

HEAD = 1 << 12  # bytes; the declaration, and where a document type begins, stand there
DECLARED = re.compile(rb"""<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)""")
FORBIDDEN = re.compile(rb"[\0-\x08\x0b\x0c\x0e-\x1f]")  # characters that XML cannot hold
CONTROL = re.compile("[\ufdd0-\ufdef]")  # stand for them meanwhile: code points without a character
BAD = "\U0001fffe"  # stands for bytes that are no UTF-8

codecs.register_error("mark", lambda error: (BAD, error.end))  # type: ignore[attr-defined]


def xml_file(chunks: Iterator[bytes], fields: Fields) -> Records:
    """Every element at the end of the path ``records`` (``channel.item``), or the root.

    A field is the path of elements below it, or ``@name`` for an attribute; the text of an element
    is that of all below it, without the white space around its lines.
    """
    texts = [name.split(".") for name in fields.text]
    for element in elements(chunks, fields.records.split(".") if fields.records else []):
        parts = [part for path in texts for part in values(element, path)]
        own = next(values(element, fields.id.split(".")), None) if fields.id else None
        if parts:
            yield checked("\n".join(filter(None, parts)), own)
        else:
            yield Broken("missing_text", etree.tostring(element, encoding="utf-8"))


def opus(chunks: Iterator[bytes], fields: Fields) -> Records:
    """A document a file, a line a sentence; words that stand apart are joined by spaces.

    Source: the corpus files of OPUS, https://opus.nlpl.eu: ``<s>`` with text or with ``<w>``.
    """
    for root in elements(chunks, []):
        sentences = (_sentence(element) for element in root.iter("{*}s"))
        yield checked("\n".join(filter(None, sentences)), None)


def _sentence(element: etree._Element) -> str:
    words = [word.text or "" for word in element.iter("{*}w")]
    if not words:
        return " ".join("".join(element.itertext()).split())
    return re.sub(r" (?=[.,?!…]+(?: |$))", "", " ".join(words))


def checked(text: str, own: str | None) -> Record | Broken:
    """A record, or a broken one if bad bytes stood in it."""
    if BAD in text or (own is not None and BAD in own):
        return Broken("broken_utf8", text.replace(BAD, "\ufffd").encode())
    return Record(CONTROL.sub(lambda mark: chr(ord(mark[0]) - 0xFDD0), text), own)


def values(element: etree._Element, path: list[str]) -> Iterator[str]:
    """The text of every element at ``path``."""
    if not path:
        lines = (line.strip() for line in "".join(element.itertext()).split("\n"))
        yield "\n".join(filter(None, lines))
    elif path[0].startswith("@"):
        if (found := element.get(path[0][1:])) is not None:
            yield found
    else:
        for child in element.iterchildren(f"{{*}}{path[0]}"):
            yield from values(child, path[1:])


def elements(chunks: Iterator[bytes], path: list[str]) -> Iterator[etree._Element]:
    """The elements at the end of ``path`` (namespaces do not matter), or the root if it is empty.

    Raises:
        Unreadable: the XML is broken, or ``LINE`` bytes are read without such an element.
    """
    head, chunks = _head(chunks)
    if not head:
        return
    parser = etree.XMLPullParser(
        events=("end",) if path else (),
        tag=f"{{*}}{path[-1]}" if path else None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=b"<!DOCTYPE" not in head and b"<" in head[:4],
    )
    fault = None
    length = 0
    while fault is None:
        try:
            if chunk := next(chunks, None):
                parser.feed(chunk)
                length += len(chunk)
            else:
                fault, root = "", parser.close()
        except etree.XMLSyntaxError:
            fault = "broken_xml"
        except Unreadable as error:
            fault = error.reason
        for _, element in parser.read_events():
            if _ends(element, path):
                yield element
                length = 0
                _forget(element)
        if length > LINE:
            fault = "record_too_long"
    if fault:
        raise Unreadable(fault)
    if not path:
        yield root


def _ends(element: etree._Element, path: list[str]) -> bool:
    """Whether ``path`` leads to the element from some element above it."""
    for name in reversed(path):
        if element is None or etree.QName(element).localname != name:
            return False
        element = element.getparent()
    return True


def _forget(element: etree._Element) -> None:
    """Free what is read: the element, and all that stands before it."""
    element.clear(keep_tail=False)
    while element is not None:
        parent = element.getparent()
        while element.getprevious() is not None:
            del parent[0]
        element = parent


def _head(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The beginning of a file, and all its chunks with what XML cannot hold replaced by marks."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD:
            break
    whole = chain([head], chunks)
    declared = DECLARED.match(head.lstrip())
    utf8 = not declared or declared[1].lower() in (b"utf-8", b"utf8")
    return head, _marked(whole) if utf8 and b"\0" not in head[:4] else whole


def _marked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")("mark")
    for chunk in chunks:
        text = decoder.decode(FORBIDDEN.sub(_mark, chunk))
        if text:
            yield text.encode()
    if rest := decoder.decode(b"", True):
        yield rest.encode()


def _mark(found: re.Match[bytes]) -> bytes:
    return chr(0xFDD0 + found[0][0]).encode()
