"""Uncleaned HTML, as the Polyglot-Ko technical report calls it (arXiv:2306.02254).

Only real HTML: Koreans write the titles of works as ``<기생충>``.
"""

import html
import re

from stages.clean.repairs.base import Repair

_BLOCK = "address article blockquote br center dd div dl dt form h1 h2 h3 h4 h5 h6 hr li ol p pre"
_BLOCK += " section table tbody td tfoot th thead tr ul"
_INLINE = "a abbr audio b big body button code col colgroup del em embed figcaption figure font"
_INLINE += " footer head header html i iframe img input ins kbd label link main meta nav noscript"
_INLINE += " object option param picture q s samp select small source span strike strong sub"
_INLINE += " sup svg textarea title tt u video"

_PASSES = 4  # what was escaped twice and holds tags needs three; deeper nests are no accident


class Markup(Repair):
    """Takes out tags, comments, scripts and styles, and resolves entities."""

    name = "markup"

    def repair(self, text: str) -> str:
        return strip_markup(text) if "<" in text or "&" in text else text


def _tag(names: str) -> re.Pattern[str]:
    """Tags as ``<div>`` or ``<DIV>``, group 1 what may be ``name=value``, group 2 a lone capital.

    No part can be read in two ways, so that the time is linear in the text.
    """
    both = f"{names} {names.upper()}".split()
    words = "|".join(name for name in both if len(name) > 1 or name.islower())
    letters = "|".join(name for name in both if len(name) == 1 and name.isupper()) or "(?!)"
    return re.compile(
        rf"<(?:(?:{words})(?:\s*/?>|\s([^<>]*)>)|(?:{letters})\s([^<>]*)>|({letters})>"
        rf"|/(?:{words}|{letters})\s*>)"
    )


_BLOCK_TAG, _INLINE_TAG = _tag(_BLOCK), _tag(_INLINE)
_HIDDEN = re.compile(
    r"<!--|<(script|style)(?:\s[^<>]*)?>|<!DOCTYPE[^<>]*>|<\?xml[^<>]*>", re.IGNORECASE
)
_HIDDEN_END = {
    None: re.compile("-->"),
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
}
# The most frequent ones also without a semicolon, as crawlers leave them before Hangul; not before
# Latin letters or "=", where "&lt" may be a parameter of an address.
_ENTITY = re.compile(
    r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
    r"|&(?:lt|gt|amp|quot|nbsp)(?![A-Za-z0-9=;])"
)
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0{0,5}38|#[xX]0{0,4}26);)+")  # escaped again and again


def strip_markup(text: str) -> str:
    """``text`` without tags, comments and scripts, entities resolved; block tags end a line.

    Text that was escaped more than once is unescaped to the end, and tags that appear then are
    stripped as well.
    """
    for _ in range(_PASSES):
        before = text
        if "<" in text:
            text = _without_hidden(text)
            text = _without_tags(_BLOCK_TAG, "\n", text)
            text = _without_tags(_INLINE_TAG, "", text)
        if "&" in text:
            text = _AMPERSANDS.sub("&", text)
            text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if text == before:
            break
    return text


def _without_tags(tag: re.Pattern[str], instead: str, text: str) -> str:
    """A tag with anything but ``name=value`` in it is none (``<b 사감>``), and a capital letter
    alone is one only if it is closed later: exams name things ``<A>``."""
    closed: dict[str, int] = {}

    def stripped(match: re.Match[str]) -> str:
        attributes = match[1] if match[1] is not None else match[2]
        if attributes is not None:
            return instead if "=" in attributes else match[0]
        if letter := match[3]:
            if letter not in closed:
                closed[letter] = text.rfind(f"</{letter}>")
            return instead if closed[letter] >= match.end() else match[0]
        return instead

    return tag.sub(stripped, text)


def _without_hidden(text: str) -> str:
    """Comments, scripts, styles and declarations go; what is never closed stays as it is.

    By hand and not ``<!--.*?-->``, which looks through the whole rest from every open comment.
    """
    kept, end, unclosed = [], 0, set()
    match = _HIDDEN.search(text)
    while match:
        stop = match.end()
        kind = match[1].lower() if match[1] else None
        if kind or match[0] == "<!--":
            closing = None if kind in unclosed else _HIDDEN_END[kind].search(text, stop)
            if closing is None:
                unclosed.add(kind)
                match = _HIDDEN.search(text, stop)
                continue
            stop = closing.end()
        kept.append(text[end : match.start()])
        end = stop
        match = _HIDDEN.search(text, stop)
    return "".join([*kept, text[end:]]) if end else text
