"""One self-contained page to decide from: what was run, what came out, what the gates say."""

from stages.report.page import gather, render
from stages.report.params import ReportParams

__all__ = ["ReportParams", "gather", "render"]
