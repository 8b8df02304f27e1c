"""Text that was once read in a wrong encoding (mojibake), read anew in the right one."""

import re

import ftfy
from ftfy.badness import MOJIBAKE_CATEGORIES

from stages.clean.repairs.base import Repair

# What Korean text holds anyway. ftfy takes none of them for mojibake unless another character of
# its tables stands beside, which the look then finds.
_AT_HOME = "·´–—―…’‘“”•™®"
_SUSPECTS = "".join(MOJIBAKE_CATEGORIES.values()).translate(dict.fromkeys(map(ord, _AT_HOME)))
_HANJA = "\u4e00-\u9fff\uf900-\ufaff"
_SUSPICIOUS = re.compile(f"[{_SUSPECTS}{_HANJA}]")

# How bytes were read, and how they should have been: EUC-KR, or Microsoft's superset CP949, as
# Latin-1 or Windows-1252 (¾È³ç for 안녕), and UTF-8 as CP949 (媛怨 for 가고 and its like).
_READINGS = (("latin-1", "cp949"), ("sloppy-windows-1252", "cp949"), ("cp949", "utf-8"))
_FREQUENT = re.compile("[이다의는에을가고하은한지를로도서기어나리사시]")  # a third of running text
_HANGUL = re.compile("[가-힣]")
_PLAIN = re.compile(
    "[\x20-\x7e가-힣ㄱ-ㅣ、-】“”‘’·…×÷°─①-⑮\uff01-\uff5e\u4e00-\u9fff\uf900-\ufaff]*"
)


class Encoding(Repair):
    """Mends every line that was read in a wrong encoding, where the right one is certain.

    Most of it is ftfy's (https://ftfy.readthedocs.io), which knows UTF-8 read as one of the
    single-byte encodings; it does not know those of Korea.
    """

    name = "encoding"

    def repair(self, text: str) -> str:
        if not suspicious(text):
            return text
        lines = text.split("\n")
        return "\n".join(mended(line) if suspicious(line) else line for line in lines)


def suspicious(text: str) -> bool:
    """A cheap look: False only if ``mended`` would change nothing."""
    return not text.isascii() and _SUSPICIOUS.search(text) is not None


def mended(line: str) -> str:
    """``line`` in the encoding it was written in; as it is, where that is not certain."""
    return _read_as_korean(line) or ftfy.fix_encoding(line)


def _read_as_korean(line: str) -> str | None:
    """Certain is a line without an impossible byte, of nothing but Korean, and not by chance:
    four different syllables, and one of the most frequent among them."""
    for read, written in _READINGS:
        try:
            text = line.encode(read).decode(written)
        except UnicodeError:
            continue
        certain = len(set(_HANGUL.findall(text))) >= 4 and _FREQUENT.search(text)
        if text != line and certain and _PLAIN.fullmatch(text):
            return text
    return None
