"""What a run looks like in a terminal: a live table of the stages, and the closing one."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
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
BARS = ((110, 24), (60, 10), (0, 0))  # from so many columns on, a bar of so many
CLOCK = 8  # characters of a time, 99 hours and more still told
SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "bytes"))


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
        bar = next(width for least, width in BARS if options.max_width >= least)
        name = max(len(line.name) for line in self.stages)
        room = max(options.max_width - 1 - name - bar - CLOCK - 4, 1)
        table = Table.grid(padding=(0, 1))
        for width in (1, name, bar, CLOCK, room):
            table.add_column(width=width, no_wrap=True, overflow="ellipsis")
        for line in self.stages:
            table.add_row(MARKS[line.state], line.name, *_cells(line, bar, room))
        yield table


def _cells(line: StageView, bar: int, room: int) -> tuple[RenderableType, str, Text]:
    """The bar, the time taken, and what can be said in ``room`` characters."""
    if line.state == "waiting":
        return "", "", Text()
    if line.state == "running":
        progress = pipeline.progress(line.name)
        drawn = ProgressBar(progress.get("total") or None, progress.get("done", 0), width=bar)
        words = fitted(progress, room, time.time())
        return drawn if bar else "", clock(time.monotonic() - line.started), Text(words)
    return "", clock(line.seconds), Text(line.headline)


def clock(seconds: float) -> str:
    """``1:02:03`` for an hour, two minutes and three seconds."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}".rjust(CLOCK)


def fitted(progress: dict[str, Any], room: int, now: float) -> str:
    """``1,234,567 documents · 12.3 MB/s · 0:01:20 left``, what counts least left out for ``room``.

    ``progress`` is the file of ``runtime.progress``, ``now`` the time in seconds since 1970.
    """
    if "started" not in progress:
        return ""
    figures = [_figure(name, value) for name, value in _beside(progress).items()]
    while True:
        words = " · ".join([_position(progress), *figures, *_left(progress, now)])
        if len(words) <= room or not figures:
            return words
        figures.pop()


def _position(progress: dict[str, Any]) -> str:
    """How far the part is; its unit tells the parts of a stage apart."""
    done, total, unit = progress["done"], progress["total"], progress["unit"]
    if not total:
        return unit
    if unit == "bytes":
        size, prefix = next((n, p) for n, p in SIZES if total >= n)
        return f"{done / size:,.1f} / {total / size:,.1f} {prefix}"
    if unit.startswith("documents"):
        return f"{done:,.0f} {unit}"  # of millions the bar and the time left tell enough
    return f"{done:,.0f} / {total:,.0f} {unit}"


def _beside(progress: dict[str, Any]) -> dict[str, Any]:
    """The figures that the position does not hold already."""
    documents = progress["unit"].startswith("documents")
    return {k: v for k, v in progress["figures"].items() if not (documents and k == "documents")}


def _figure(name: str, value: float | str) -> str:
    """``loss 4.206``; where the name is a unit, as in ``12.3 MB/s``, it stands behind."""
    if name == "documents":
        return f"{value:,} {name}"
    if "/" in name and not isinstance(value, str):
        return f"{value:,.0f} {name}" if value >= 100 else f"{value:.3g} {name}"
    return f"{name} {value:,.4g}" if isinstance(value, float) else f"{name} {value}"


def _left(progress: dict[str, Any], now: float) -> list[str]:
    """The time left at the speed since the part began; nothing before it has one."""
    done, total = progress["done"], progress["total"]
    here = done - progress["begun_at"]
    if not 0 < here <= done < total:
        return []
    return [f"{clock((now - progress['started']) * (total - done) / here).strip()} left"]


def watched(stages: list[str], bring: Callable[[str], Outcome], console: Console) -> None:
    """``bring`` one stage after the other, in a moving view; then the closing table."""
    view = RunView([StageView(name) for name in stages], console)
    try:
        with Live(view, console=console, refresh_per_second=4, transient=True):
            for name in stages:
                view.begin(name)
                try:
                    view.end(bring(name))
                except BaseException:
                    view.fail(name)
                    raise
    finally:
        console.print(closing_table(view))


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
