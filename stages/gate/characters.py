"""Which characters texts hold, told from their UTF-8 bytes in Arrow's memory: no text is decoded.

Everything here lets go of Python's lock but ``not_nfc``, which looks at suspects only.
"""

import unicodedata
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from runtime.documents import offsets

CONTROL = r"[\x00-\x08\x0b-\x1f\x7f\x{80}-\x{9f}]"  # all but tab and line feed
# No control characters, and texts of nothing else are NFC: none of these combines with the
# character before it, and none has a canonical decomposition that NFC would keep.
PLAIN = (
    r"\t\n\x20-\x7e\x{a0}-\x{2ff}\x{2002}-\x{20cf}\x{2100}-\x{2125}\x{212c}-\x{2328}"
    r"\x{232b}-\x{2adb}\x{2e00}-\x{3029}\x{309b}-\x{9fff}\x{ac00}-\x{d7a3}\x{ff00}-\x{ffef}"
    r"\x{1f000}-\x{1faff}"
)
STEP = 1 << 16  # bytes looked at together: what is computed of them stays in the processor's cache


def octets(texts: pa.StringArray) -> np.ndarray:
    """The UTF-8 bytes of all texts, one after the other, as a view; ``texts`` has no nulls."""
    return np.frombuffer(texts.buffers()[2] or b"", np.uint8)[slice(*offsets(texts)[[0, -1]])]


def visible(texts: pa.StringArray) -> int:
    """How many characters are neither white space nor control characters of ASCII."""
    return sum(
        int(np.count_nonzero(((first & 0xC0) != 0x80) & (first > 0x20)))
        for first, _, _ in _triples(octets(texts))
    )


def hangul(texts: pa.StringArray) -> int:
    """How many characters are Hangul: syllables (AC00 to D7BF) and letters alone (3130 to 318F)."""
    return sum(
        int(np.count_nonzero(_syllable(first, second) | _letter(first, second, third)))
        for first, second, third in _triples(octets(texts))
    )


def suspects(texts: pa.StringArray) -> pa.StringArray:
    """The texts, few of most corpora, that hold more than ``PLAIN`` characters."""
    return texts.filter(pc.match_substring_regex(texts, f"[^{PLAIN}]"))


def not_nfc(texts: pa.StringArray) -> int:
    """How many texts are not NFC."""
    return sum(not unicodedata.is_normalized("NFC", text.as_py()) for text in texts)


def _syllable(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether a character from EA B0 80 to ED 9E BF begins."""
    return (
        ((first == 0xEB) | (first == 0xEC))
        | ((first == 0xEA) & (second >= 0xB0))
        | ((first == 0xED) & (second <= 0x9E))
    )


def _letter(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray:
    """Whether a character from E3 84 B0 to E3 86 8F begins."""
    return (first == 0xE3) & (
        ((second == 0x84) & (third >= 0xB0))
        | (second == 0x85)
        | ((second == 0x86) & (third <= 0x8F))
    )


def _triples(text: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Every byte with the two that follow it, a step at a time; two zeros follow the last."""
    for start in range(0, len(text), STEP):
        piece = np.zeros(min(STEP, len(text) - start) + 2, np.uint8)
        piece[: len(text) - start] = text[start : start + STEP + 2]
        yield piece[:-2], piece[1:-1], piece[2:]
