"""Characters that nobody means to read."""

import re
import unicodedata

from runtime.documents import defuse
from stages.clean.repairs.base import Repair

# Control and format characters other than line ends, tabs and joiners (emoji need ZWJ).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]+"
)
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # as in str.splitlines
_SPACE = re.compile(r"[^\S\n ]+")
_FILLER = str.maketrans("\u3164\uffa0", "  ")  # Hangul fillers, typed as blanks


class Characters(Repair):
    """Takes control characters out, leaves spaces and line feeds as the only white space, and
    composes (Unicode NFC)."""

    name = "characters"

    def repair(self, text: str) -> str:
        if not text.replace("\n", " ").isprintable():
            text = _SPACE.sub(" ", _LINE_END.sub("\n", _INVISIBLE.sub("", text)))
        if "\u3164" in text or "\uffa0" in text:
            text = text.translate(_FILLER)
        return unicodedata.normalize("NFC", text)


class SpecialTokens(Repair):
    """Defuses special tokens that other repairs put together: ``<|te<b></b>ll|>``."""

    name = "special_tokens"

    def repair(self, text: str) -> str:
        return defuse(text) if "<" in text else text
