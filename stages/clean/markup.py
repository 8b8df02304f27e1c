"""HTML out of text. Only real HTML: Koreans write the titles of works as ``<기생충>``."""

import html
import re

_BLOCK = "address article blockquote br center dd div dl dt form h1 h2 h3 h4 h5 h6 hr li ol p pre"
_BLOCK += " section table tbody td tfoot th thead tr ul"
_INLINE = "a abbr audio b big body button code col colgroup del em embed figcaption figure font"
_INLINE += " footer head header html i iframe img input ins kbd label link main meta nav noscript"
_INLINE += " object option param picture q s samp select small source span strike strong sub"
_INLINE += " sup svg textarea title tt u video"


def _tag(names: str) -> re.Pattern[str]:
    """Tags as ``<div>`` or ``<DIV>``, bare or with ``name=value``: not ``<Time>``, ``<b 사감>``.

    A capital letter alone is a tag only if it is closed later: exams name things ``<A>``.
    """
    both = f"{names} {names.upper()}".split()
    words = "|".join(name for name in both if len(name) > 1 or name.islower())
    letters = "|".join(name for name in both if len(name) == 1 and name.isupper()) or "(?!)"
    return re.compile(
        rf"<(?:{words}|{letters})\s[^<>]*=[^<>]*>"
        rf"|<(?:{words})\s*/?>"
        rf"|</(?:{words}|{letters})\s*>"
        rf"|<({letters})>(?=.*?</\1>)",
        re.DOTALL,
    )


_BLOCK_TAG, _INLINE_TAG = _tag(_BLOCK), _tag(_INLINE)
_HIDDEN = re.compile(
    r"<!--.*?-->|<!DOCTYPE[^>]*>|<\?xml[^>]*>|<(script|style)(?:\s[^>]*)?>.*?</\1\s*>",
    re.DOTALL | re.IGNORECASE,
)
# The most frequent ones also without a semicolon, as crawlers leave them before Hangul; not before
# Latin letters or "=", where "&lt" may be a parameter of an address.
_ENTITY = re.compile(
    r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
    r"|&(?:lt|gt|amp|quot|nbsp)(?![A-Za-z0-9=;])"
)


def strip_markup(text: str) -> str:
    """``text`` without tags, comments and scripts, entities resolved; block tags end a line.

    Text that was escaped more than once is unescaped to the end, and tags that appear then are
    stripped as well.
    """
    while True:
        before = text
        if "<" in text:
            text = _HIDDEN.sub("", text)
            text = _BLOCK_TAG.sub("\n", text)
            text = _INLINE_TAG.sub("", text)
        if "&" in text:
            text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if text == before:
            return text
