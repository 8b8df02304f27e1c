"""The parameters of the report."""

from dataclasses import dataclass


@dataclass
class ReportParams:
    """What the report is called."""

    title: str  # heading of the page
