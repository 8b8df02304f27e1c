"""Tidying of Korean text: what is no text goes, what somebody wrote stays."""

import re
import unicodedata

from runtime.documents import defuse
from stages.clean.markup import strip_markup

# Control and format characters other than line ends, tabs and joiners (emoji need ZWJ).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]+"
)
_FILLER = str.maketrans("\u3164\uffa0", "  ")  # Hangul fillers, typed as blanks
_BLANK_LINES = re.compile(r"\n{3,}")
_SYLLABLES = re.compile("[가-힣]+")


def repeats(limit: int) -> re.Pattern[str]:
    """More than ``limit`` times the same one to five characters; replace them by ``\\1``.

    Digits and asterisks are left alone (``10000원``, ``900101-1******``), and so is what follows a
    digit or a hyphen, where other characters may stand for hidden digits.
    """
    return re.compile(rf"(?<![0-9０-９-])(([^\s0-9０-９*]{{1,5}}?)\2{{{limit - 1}}})\2+")


def tidy(text: str, runs: re.Pattern[str]) -> str:
    """Text without markup, invisible characters, surplus white space and endless runs.

    Lines are kept, with at most one empty line between two.
    """
    if "<" in text or "&" in text:
        text = strip_markup(text)
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
    text = text.translate(_FILLER) if "\u3164" in text or "\uffa0" in text else text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    text = lines[0] if len(lines) == 1 else _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
    # What was taken out may have kept two parts of a syllable or of a special token apart.
    return defuse(runs.sub(r"\1", unicodedata.normalize("NFC", text)))


def hangul_share(text: str) -> float:
    """Share of Hangul syllables among the characters other than white space, 0 to 1.

    Single letters such as ㅋㅋ and ㅠㅠ do not count.
    """
    visible = len(text) - text.count(" ") - text.count("\n")
    return (len(text) - len(_SYLLABLES.sub("", text))) / visible if visible else 0.0
