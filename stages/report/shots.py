"""F1 over the number of examples, model by model, as inline SVG."""

from html import escape
from typing import Any

from stages.report.charts import HEIGHT, WIDTH, Scale, frame, ticks, x_text

SIDE = 0.35  # of a step: room to the left of the first number of shots, and right of the last


def styles(rows: list[dict[str, Any]]) -> list[str]:
    """The style of each model: ``own`` and ``own2`` for this run's, ``m1`` and up for others'."""
    others = iter(range(1, len(rows) + 1))
    own = iter(("own", "own2"))
    return [next(own) if row["own"] else f"m{next(others)}" for row in rows]


def legend(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The name and style of each line."""
    return [
        (row["model"].split("/")[-1], style) for row, style in zip(rows, styles(rows), strict=True)
    ]


def draw(title: str, rows: list[dict[str, Any]]) -> str:
    """An ``<svg>`` with a line a model; those of this run are drawn last, with their intervals.

    Args:
        title: What a screen reader says of it.
        rows: ``model``, ``f1`` by shots, ``interval`` by shots, none if published, ``own``.
    """
    columns = sorted({count for row in rows for count in row["f1"]})
    values = [v for row in rows for v in row["f1"].values()]
    values += [end for row in rows for ends in row["interval"].values() for end in ends]
    y_ticks = ticks(min(values), max(values))
    scale = Scale(-SIDE, len(columns) - 1 + SIDE, y_ticks[0], y_ticks[-1])
    place = {count: float(number) for number, count in enumerate(columns)}
    lines = [
        _line(scale, place, row, style)
        for row, style in sorted(
            zip(rows, styles(rows), strict=True), key=lambda pair: pair[0]["own"]
        )
    ]
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        *frame(scale, y_ticks, "shots"),
        *(x_text(scale, place[count], str(count)) for count in columns),
        *lines,
        "</svg>",
    ]
    return "".join(parts)


def _line(scale: Scale, place: dict[int, float], row: dict[str, Any], style: str) -> str:
    points = {
        count: (scale.x(place[count]), scale.y(f1)) for count, f1 in sorted(row["f1"].items())
    }
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points.values())
    bars = "".join(
        f'<line class="bar-line {style}" x1="{points[count][0]:.1f}" x2="{points[count][0]:.1f}" '
        f'y1="{scale.y(low):.1f}" y2="{scale.y(high):.1f}"/>'
        for count, (low, high) in row["interval"].items()
    )
    dots = "".join(
        f'<circle class="dot {style}" cx="{x:.1f}" cy="{y:.1f}" r="{3.5 if row["own"] else 2.5}">'
        f"<title>{escape(row['model'])}, {count} shots: {_figure(row, count)}</title></circle>"
        for count, (x, y) in points.items()
    )
    return f'<polyline class="line {style}" points="{joined}"/>{bars}{dots}'


def _figure(row: dict[str, Any], count: int) -> str:
    if count not in row["interval"]:
        return f"{row['f1'][count]:.4f}"
    low, high = row["interval"][count]
    return f"{row['f1'][count]:.4f} ({low:.4f} to {high:.4f})"
