"""Wikipedia's XML dump: the articles as plain text, wikitext read with mwparserfromhell."""

import re
from collections.abc import Iterator

import mwparserfromhell
from mwparserfromhell.nodes import ExternalLink, Heading, HTMLEntity, Node, Tag, Text, Wikilink
from mwparserfromhell.parser import ParserError
from mwparserfromhell.wikicode import Wikicode

from stages.ingest.records import Broken, Fields, Records, Skipped
from stages.ingest.xml_files import checked, elements

# Namespaces of what is no part of the sentence (https://ko.wikipedia.org/wiki/위키백과:이름공간).
ASIDE = re.compile(r"\s*(file|image|media|category|파일|그림|미디어|분류)\s*:", re.I)
INTERLANGUAGE = re.compile(r"\s*[a-z]{2,3}(-[a-z]+)*\s*:")
WITHOUT_TEXT = re.compile(
    "table|ref|references|gallery|math|chem|score|timeline|syntaxhighlight|source|imagemap|graph|"
    "templatestyles|templatedata|inputbox|categorytree|mapframe|maplink|section"
)
BREAK = re.compile("br|hr|p|li|dt|dd|div|blockquote")
SWITCH = re.compile(r"__[A-Z가-힣]+__")  # __TOC__, __목차숨김__
HOLLOW = re.compile(r"\(\s*[,;:]*\s*\)")  # the brackets of a template that is gone


def mediawiki(chunks: Iterator[bytes], fields: Fields) -> Records:
    """The pages of namespace 0 that are no redirects.

    Source: the export format, https://www.mediawiki.org/wiki/Help:Export.
    """
    for page in elements(chunks, ["page"]):
        if page.findtext("{*}ns", "0") != "0":
            yield Skipped("pages_of_other_namespaces")
        elif page.find("{*}redirect") is not None:
            yield Skipped("redirects")
        else:
            wikitext = page.findtext("{*}revision/{*}text", "")
            try:
                text = plain_text(wikitext)
            except ParserError:
                yield Broken("broken_wikitext", wikitext.encode())
            else:
                yield checked(text, page.findtext("{*}id"))


def plain_text(wikitext: str) -> str:
    """The sentences and headings of wikitext; templates, tables, files and references go."""
    text = _text(mwparserfromhell.parse(wikitext))
    lines = (line.strip() for line in HOLLOW.sub("", SWITCH.sub("", text)).split("\n"))
    return "\n".join(filter(None, lines))


def _text(code: Wikicode | None) -> str:
    return "".join(_text_of(node) for node in code.nodes) if code is not None else ""


def _text_of(node: Node) -> str:
    match node:
        case Text():
            return node.value
        case Heading():
            return f"\n{_text(node.title)}\n"
        case Wikilink():
            title = str(node.title)
            if ASIDE.match(title) or INTERLANGUAGE.match(title):
                return ""
            return _text(node.text) if node.text is not None else title.lstrip(" :")
        case ExternalLink():
            return _text(node.title)
        case HTMLEntity():
            return node.normalize()
        case Tag():
            name = str(node.tag).strip().lower()
            if WITHOUT_TEXT.fullmatch(name):
                return ""
            return ("\n" if BREAK.fullmatch(name) else "") + _text(node.contents)
    return ""  # templates, their arguments, comments
