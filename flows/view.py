"""What a run looks like in a terminal: a live table of the stages, and the closing one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from flows import pipeline
from flows.pipeline import CACHED, Outcome
from runtime import files, paths
from runtime.errors import PolyglotError

MARKS = {"waiting": "[dim]·[/]", "running": "[cyan]▸[/]", CACHED: "[green]✓[/]"}
MARKS |= {pipeline.RAN: "[green]✓[/]", "failed": "[red]✗[/]"}


@dataclass
class StageView:
    """One line of the table."""

    name: str
    state: str = "waiting"
    started: float = 0.0
    seconds: float = 0.0
    headline: str = ""


@dataclass
class RunView:
    """The stages of a run; rendered anew several times a second."""

    stages: list[StageView]
    console: Console

    def begin(self, stage: str) -> None:
        """The stage has its turn."""
        line = self._line(stage)
        line.state, line.started = "running", time.monotonic()

    def end(self, outcome: Outcome) -> None:
        """The stage has ended well."""
        line = self._line(outcome.stage)
        line.state, line.seconds, line.headline = outcome.state, outcome.seconds, outcome.headline
        self._tell(line)

    def fail(self, stage: str) -> None:
        """The stage has ended badly; the stages after it will not run."""
        line = self._line(stage)
        line.state, line.seconds = "failed", time.monotonic() - line.started
        self._tell(line)

    def _tell(self, line: StageView) -> None:
        """Where no view can move, as in a log, each stage gets a line when it has ended."""
        if not self.console.is_terminal:
            self.console.print(f"{line.name}: {line.state}, {line.seconds:.1f} s. {line.headline}")

    def _line(self, stage: str) -> StageView:
        return next(line for line in self.stages if line.name == stage)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table.grid(padding=(0, 1))
        for line in self.stages:
            table.add_row(MARKS[line.state], line.name, *self._cells(line))
        yield table

    def _cells(self, line: StageView) -> Sequence[Any]:
        if line.state == "running":
            progress = pipeline.progress(line.name)
            bar = ProgressBar(progress.get("total") or None, progress.get("done", 0), width=24)
            return bar, f"{time.monotonic() - line.started:6.0f} s", _figures(progress)
        if line.state == "waiting":
            return "", "", ""
        return "", f"{line.seconds:6.1f} s", line.headline


def _figures(progress: dict[str, Any]) -> str:
    """``1,200 / 6,000 documents · 0:01:20 left · loss 4.21``."""
    total, done = progress.get("total", 0), progress.get("done", 0)
    if not total:
        return ""
    words = [f"{done:,.0f} / {total:,.0f} {progress['unit']}"]
    elapsed, here = time.time() - progress["started"], done - progress["begun_at"]
    if here > 0 and done < total:
        minutes, seconds = divmod(int(elapsed * (total - done) / here), 60)
        words.append(f"{minutes}:{seconds:02} left")
    for name, figure in progress["figures"].items():
        text = f"{figure:,.4g}" if isinstance(figure, float) else str(figure)
        words.append(f"{name} {text}")
    return " · ".join(words)


def live(view: RunView) -> Live:
    """The moving view, gone when the run has ended."""
    return Live(view, console=view.console, refresh_per_second=4, transient=True)


def closing_table(view: RunView) -> Table:
    """Stage, seconds, cached or run, gate result, headline figure."""
    table = Table("stage", "", "seconds", "gate", "figure", header_style="bold", box=None)
    table.columns[2].justify = "right"
    for line in view.stages:
        seconds = "" if line.state == "waiting" else f"{line.seconds:.1f}"
        result = gate_result(line.name) if line.state != "waiting" else ""
        gate = Text(result, style="green" if result.startswith("passed") else "red")
        state = "[red]failed[/]" if line.state == "failed" else line.state
        table.add_row(line.name, state, seconds, gate, Text(line.headline))
    return table


def gate_result(stage: str) -> str:
    """``passed 12/12`` for a gate that has a result, else nothing."""
    if not stage.startswith("gate@"):
        return ""
    try:
        result = files.read_json(paths.GATES / f"{stage.removeprefix('gate@')}.json")
    except PolyglotError:
        return ""
    checks = result["expectations"]
    passed = sum(check["passed"] for check in checks)
    return f"{'passed' if result['passed'] else 'failed'} {passed}/{len(checks)}"
