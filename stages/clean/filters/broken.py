"""Text that a wrong encoding has broken for good."""

import re
from pathlib import Path

from runtime.ledger import Ledger
from stages.clean.filters.base import Text, TextFilter

# UTF-8 read as CP949: the first byte of every syllable, EA to ED, begins Hanja, and the others make
# syllables outside KS X 1001, or nothing (U+FFFD): �쁺�솕媛� for 영화가. Each alone is Korean.
_HANJA = b"".join(
    bytes([first, second]) for first in range(0xEA, 0xEE) for second in range(0xA1, 0xC0)
).decode("cp949")
_STANDARD = b"".join(
    bytes([row, cell]) for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF)
).decode("euc_kr")
_RARE = "".join(sorted({chr(code) for code in range(0xAC00, 0xD7A4)} - set(_STANDARD)))
_PAIR = re.compile(f"[{_HANJA}][{_RARE}\ufffd]|[{_RARE}\ufffd][{_HANJA}]")
_REPLACED = "占쏙옙"  # U+FFFD twice in UTF-8, read as CP949
# Hanja begin with E4 to E9, U+F900 and later and U+FFFD with EF; without these nothing is broken.
_NEVER_BROKEN = bytes(byte for byte in range(256) if not 0xE4 <= byte <= 0xE9 and byte != 0xEF)


class Broken(TextFilter):
    """``mojibake``: too many characters that a wrong encoding has replaced or torn."""

    name = "mojibake"

    def __init__(self, ledger: Ledger, rejected: Path | None, max_share: float) -> None:
        super().__init__(ledger, rejected)
        self.max_share = max_share

    def reason(self, text: Text) -> str | None:
        if suspicious(text) and broken_characters(text.text) > self.max_share * text.visible:
            return "mojibake"
        return None


def suspicious(text: Text) -> bool:
    """A cheap look: False only if no character is broken."""
    return bool(text.first_bytes.translate(None, _NEVER_BROKEN))


def broken_characters(text: str) -> int:
    """How many characters of ``text`` are no longer what was written."""
    return (
        text.count("\ufffd") + len(_REPLACED) * text.count(_REPLACED) + 2 * len(_PAIR.findall(text))
    )
