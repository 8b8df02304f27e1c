"""Broken code, as the Polyglot-Ko technical report calls it (arXiv:2306.02254): what is left of the
scripts and style sheets of a web page whose tags a crawler took away."""

import re

from stages.clean.repairs.base import LineRepair

MAX_CHARACTERS = 5_000  # a longer line is minified: judged by its beginning

# What opens a block of code: a line of a page's scripts or styles, and of nothing a person writes.
_SURE = re.compile(
    r"(?:"
    r"(?:var|let|const)\s+[\w$]+\s*="
    r"|(?:async\s+)?function\s*[\w$]*\s*\([\w$\s,={}]*\)\s*\{|[!;(]function\s*\(.*\{"
    r"|(?:\$|jQuery)\s*\(.*(?:\);|\{)$"
    r"|(?:window|document|location|console|self|parent)\.[\w$.]+\s*(?:=|\(.*(?:\);|\{)$)"
    r"|\(adsbygoogle\s*=|google_ad_\w+\s*=|(?:googletag\.|gtag\(|ga\(|fbq\(|_gaq\.|wcs_do\().*(?:\);|\{)$"
    r"|(?:if|for|while|switch)\s*\(.*\)\s*\{|try\s*\{|\}\s*(?:catch\s*\(|else\b|finally\b)"
    r"|@(?:media|font-face|keyframes)\b.*\{|@(?:import|charset)\b.*[)\"'];$"
    r"|(?:[.#]?[\w-]+|\*)(?:[.#:>+~\s,*]+[\w-]+)*\s*\{(?=[^{}]*:|\}?$)[^{}]*\}?$"
    r"|/?/?<!\[CDATA\[|//\s*\]\]>"
    r")"
)
# What belongs to a block, but may stand elsewhere as well.
_MAYBE = re.compile(
    r"(?:[{}()\[\];,]+$|//|/\*|\*/|\*\s|-->|return\b.*;?$|break;|"
    r"[\w-]+\s*:\s*[^;{}]*;$|[\w$.\[\]'\"]+\s*(?:[+*/-]?=[^=>]|\().*[;,{(\[]$|"
    r"[\w$'\"-]+\s*:\s*.*[,{\[]$|.*[;{}]$)"
)
_HANGUL = re.compile("[가-힣]")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|//.*|/\*.*?\*/")


class Code(LineRepair):
    """Takes out blocks of JavaScript and CSS: a line that is surely code, and all lines around it
    that may be. A line with Hangul outside quotes and comments is never code.

    C4 drops every page with a brace (arXiv:1910.10683), which costs many good ones.
    """

    name = "code_lines"

    def suspicious(self, text: str) -> bool:
        return _signed(text)

    def removable(self, text: str, lines: list[str]) -> list[bool]:
        gone = [_sure(line) for line in lines]
        if not any(gone):
            return gone
        for order in (range(len(lines)), range(len(lines) - 1, -1, -1)):
            inside = False
            for i in order:
                inside = gone[i] or (inside and (not lines[i] or _maybe(lines[i])))
                gone[i] = gone[i] or (inside and bool(lines[i]))
        return gone


def _signed(text: str) -> bool:
    """A cheap look: what stands in every line that ``_SURE`` matches."""
    return (
        "{" in text
        or "=" in text
        or "}" in text
        or (";" in text and (");" in text or '";' in text or "';" in text))
        or ("[" in text and "[CDATA[" in text)
        or ("]" in text and "]]>" in text)
    )


def _sure(line: str) -> bool:
    """The rule itself: whether ``line`` is code wherever it stands."""
    line = line[:MAX_CHARACTERS]
    return _signed(line) and _SURE.match(line) is not None and _foreign(line)


def _maybe(line: str) -> bool:
    line = line[:MAX_CHARACTERS]
    return _MAYBE.match(line) is not None and _foreign(line)


def _foreign(line: str) -> bool:
    return not (_HANGUL.search(line) and _HANGUL.search(_QUOTED.sub("", line)))
