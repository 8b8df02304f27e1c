"""Lists and unfinished lines in the place of text."""

from pathlib import Path

from runtime.ledger import Ledger
from stages.clean.filters.base import Text, TextFilter
from stages.clean.params import LineParams

_BULLETS = frozenset("•‣∙·ㆍ▪▫■□●○◆◇▶▷►◦★☆※-*❖✓✔➤➢")
_ELLIPSES = ("...", "…", "⋯", "···")
_DOTS = frozenset(ellipsis[-1] for ellipsis in _ELLIPSES)


class Lines(TextFilter):
    """``bullets``, ``ellipses``: too many lines begin with a bullet, or end in an ellipsis.

    Gopher's rules (arXiv:2112.11446, table A1) with Korean bullets; an ellipsis has six or three
    dots (한글 맞춤법 부록).
    """

    name = "lines"

    def __init__(self, ledger: Ledger, rejected: Path | None, params: LineParams) -> None:
        super().__init__(ledger, rejected)
        self.params = params

    def reason(self, text: Text) -> str | None:
        lines = text.lines
        if len(lines) < self.params.min_lines:
            return None
        bullets = sum([line[0] in _BULLETS for line in lines])
        if bullets > self.params.max_bullet_share * len(lines):
            return "bullets"
        dotted = [line for line in lines if line[-1] in _DOTS]
        ellipses = sum([line.endswith(_ELLIPSES) for line in dotted])
        return "ellipses" if ellipses > self.params.max_ellipsis_share * len(lines) else None
