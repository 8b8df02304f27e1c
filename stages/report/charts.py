"""Line charts as inline SVG: the page's style sheet colours them, in the light and in the dark."""

import math
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 440, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 26, 10, 34  # margins around the plot
MOST_POINTS = 300  # of a line; more cannot be seen

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """A line: its points in order of x, and the style ("a" or "b") that colours it."""

    name: str
    style: str
    points: list[Point]


@dataclass(frozen=True)
class Chart:
    """Lines over the same steps."""

    title: str
    series: list[Series]
    from_zero: bool  # whether the y axis begins at 0
    marks: dict[float, str] = field(default_factory=dict)  # upright lines at steps, and why


def draw(chart: Chart) -> str:
    """The chart as an ``<svg>`` element. Points that are not finite are left out."""
    lines = [
        Series(one.name, one.style, thin([p for p in one.points if math.isfinite(p[1])]))
        for one in chart.series
    ]
    points = [point for one in lines for point in one.points]
    if not points:
        return "<p class=missing>No finite figure to draw.</p>"
    x_ticks = ticks(0, max(x for x, _ in points))
    lowest = 0 if chart.from_zero else min(y for _, y in points)
    y_ticks = ticks(lowest, max(y for _, y in points))
    scale = Scale(x_ticks[0], max(x for x, _ in points), y_ticks[0], y_ticks[-1])
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(chart.title)}">',
        *frame(scale, y_ticks, "step"),
        *(x_text(scale, value, label(value)) for value in x_ticks if value <= scale.x1),
        *(_mark(scale, x, why) for x, why in chart.marks.items() if x <= scale.x1),
        *(_line(scale, one) for one in lines if one.points),
        "</svg>",
    ]
    return "".join(parts)


@dataclass(frozen=True)
class Scale:
    """From figures to places in the picture."""

    x0: float
    x1: float
    y0: float
    y1: float

    def x(self, value: float) -> float:
        width = WIDTH - LEFT - RIGHT
        return LEFT + width * (value - self.x0) / ((self.x1 - self.x0) or 1)

    def y(self, value: float) -> float:
        height = HEIGHT - TOP - BOTTOM
        return HEIGHT - BOTTOM - height * (value - self.y0) / ((self.y1 - self.y0) or 1)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round figures (1, 2 or 5 times a power of ten apart) from below ``low`` to above ``high``."""
    if high <= low:
        high = low + (abs(low) or 1)
    rough = (high - low) / wanted
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, last + 1)]


def thin(points: list[Point]) -> list[Point]:
    """At most ``MOST_POINTS`` points: the means of neighbours, the last point kept as it is."""
    size = math.ceil(len(points) / MOST_POINTS)
    if size <= 1:
        return points
    groups = [points[i : i + size] for i in range(0, len(points) - 1, size)]
    means = [(sum(x for x, _ in g) / len(g), sum(y for _, y in g) / len(g)) for g in groups]
    return [*means, points[-1]]


def label(value: float) -> str:
    """A tick's figure, short: 0.0006, 2.5, 12k."""
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:g}M"
    if abs(value) >= 10_000:
        return f"{value / 1000:g}k"
    return (
        f"{value:.6g}" if abs(value) >= 0.001 or value == 0 else f"{value:.0e}".replace("e-0", "e-")
    )


def frame(scale: Scale, y_ticks: list[float], unit: str) -> list[str]:
    """The lines across with their figures, and the unit of the x axis."""
    return [
        *(_y_tick(scale, value) for value in y_ticks),
        f'<text class="unit" x="{WIDTH - RIGHT}" y="{HEIGHT - 2}" text-anchor="end">{unit}</text>',
    ]


def x_text(scale: Scale, value: float, text: str) -> str:
    """A figure below the x axis."""
    y = HEIGHT - BOTTOM + 16
    return f'<text x="{scale.x(value):.1f}" y="{y}" text-anchor="middle">{text}</text>'


def _y_tick(scale: Scale, value: float) -> str:
    y = scale.y(value)
    return (
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label(value)}</text>'
    )


def _mark(scale: Scale, x: float, why: str) -> str:
    place = f"{scale.x(x):.1f}"
    return (
        f'<line class="mark" x1="{place}" x2="{place}" y1="{TOP}" y2="{HEIGHT - BOTTOM}">'
        f"<title>{escape(why)}</title></line>"
    )


def _line(scale: Scale, series: Series) -> str:
    places = [f"{scale.x(x):.1f},{scale.y(y):.1f}" for x, y in series.points]
    last_x, last_y = places[-1].split(",")
    return (
        f'<polyline class="line {series.style}" points="{" ".join(places)}"/>'
        f'<circle class="dot {series.style}" cx="{last_x}" cy="{last_y}" r="3">'
        f"<title>{escape(series.name)}: {series.points[-1][1]:.6g}</title></circle>"
    )
