"""Line charts."""

import re
from xml.etree import ElementTree

from stages.report.charts import MOST_POINTS, Chart, Series, draw, label, thin, ticks


def chart(points: list[tuple[float, float]]) -> str:
    return draw(Chart("Loss & more", [Series("training", "a", points)], from_zero=False))


def places(svg: str) -> list[tuple[float, float]]:
    line = re.search(r'points="([^"]+)"', svg)
    assert line
    return [tuple(map(float, place.split(","))) for place in line.group(1).split()]  # type: ignore[misc]


def test_a_falling_loss_falls_from_left_to_right() -> None:
    drawn = places(chart([(0, 9.0), (50, 5.0), (100, 4.0)]))
    xs, ys = zip(*drawn, strict=True)
    assert list(xs) == sorted(xs)
    assert list(ys) == sorted(ys)  # in SVG, down is larger


def test_a_loss_that_is_no_number_is_left_out() -> None:
    svg = chart([(0, 9.0), (1, float("nan")), (2, float("inf")), (3, 8.0)])
    assert len(places(svg)) == 2
    assert "No finite figure" in chart([(0, float("nan"))])


def test_a_single_point_and_a_flat_line_can_be_drawn() -> None:
    assert len(places(chart([(5, 2.0)]))) == 1
    assert len(places(chart([(0, 3.0), (9, 3.0)]))) == 2
    assert len(places(chart([(0, 0.0), (9, 0.0)]))) == 2


def test_a_long_curve_is_thinned_and_ends_where_it_ends() -> None:
    points = [(float(step), 1000.0 - step) for step in range(1001)]
    thinned = thin(points)
    assert len(thinned) <= MOST_POINTS + 1
    assert thinned[-1] == points[-1]


def test_ticks_are_round_and_enclose_the_figures() -> None:
    assert ticks(4.03, 9.01) == [4, 5, 6, 7, 8, 9, 10]
    assert ticks(0, 0.00093)[-1] >= 0.00093
    assert [label(v) for v in (0, 0.0002, 2.5, 8000, 12000, 3e6)] == [
        "0",
        "2e-4",
        "2.5",
        "8000",
        "12k",
        "3M",
    ]


def test_the_title_is_escaped_for_readers_without_eyes() -> None:
    svg = chart([(0, 1.0), (1, 2.0)])
    assert 'aria-label="Loss &amp; more"' in svg
    ElementTree.fromstring(re.sub(r"class=(\w+)", r'class="\1"', svg))
