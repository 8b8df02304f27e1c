"""Which steps are bad, and what comes after some were left out."""

import math

from stages.pretrain.anomalies import Point, Skip, Watch, batch_index
from stages.pretrain.params import AnomalyParams

PARAMS = AnomalyParams(spike=1.5, median_of=3, in_row=3, action="stop", most_skips=1)


def kinds(*losses: float, recent: list[float] | None = None, taken: bool = True) -> list[str]:
    watch = Watch(PARAMS, [] if recent is None else recent)
    seen = (watch.see(Point(step, loss, 1.0, taken)) for step, loss in enumerate(losses, start=1))
    return [anomaly.kind if anomaly else "good" for anomaly in seen]


def test_a_spike_stands_out_from_the_last_good_losses() -> None:
    assert kinds(4.0, 4.1, 3.9, 6.1, 5.9, 6.2) == [*["good"] * 3, "spike", "good", "spike"]


def test_a_spike_does_not_raise_the_median() -> None:
    assert kinds(4.0, 4.1, 3.9, *[9.0] * 5) == [*["good"] * 3, *["spike"] * 5]


def test_nothing_is_a_spike_before_there_is_a_median() -> None:
    assert kinds(4.0, 9.0) == ["good", "good"]
    assert kinds(9.0, recent=[4.0, 4.0, 4.0]) == ["spike"]


def test_what_is_not_finite_is_bad_from_the_first_step() -> None:
    assert kinds(math.nan) == kinds(math.inf) == ["not finite"]
    assert kinds(4.0, taken=False) == ["not finite"]


def test_left_out_batches_are_passed_over_whenever_they_were_left_out() -> None:
    skips = [Skip([10, 11], []), Skip([3], []), Skip([12, 14], [])]
    assert [batch_index(step, skips) for step in range(12)] == [
        *(0, 1, 2, 4, 5, 6, 7, 8, 9),
        *(13, 15, 16),
    ]
