"""Steps that went wrong, and the batches that are left out because of them."""

import math
from dataclasses import dataclass
from statistics import median
from typing import Any

from stages.pretrain.params import AnomalyParams

NOT_FINITE, SPIKE = "not finite", "spike"


@dataclass(frozen=True)
class Point:
    """What is known of a step after it."""

    step: int  # from 1
    loss: float
    norm: float  # of the gradients
    taken: bool  # False: the gradients were not finite


@dataclass(frozen=True)
class Anomaly:
    """A bad step."""

    point: Point
    kind: str  # NOT_FINITE or SPIKE
    median: float | None  # of the losses that the spike is held against


class Watch:
    """Tells bad steps from good ones, whose last losses it remembers."""

    def __init__(self, params: AnomalyParams, recent: list[float]) -> None:
        """``recent`` are the last good losses; the list is kept up to date."""
        self._params, self._recent = params, recent

    def see(self, point: Point) -> Anomaly | None:
        """The anomaly of a step, in the order of the steps; None if it is good.

        A spike's loss is above ``spike`` times the median; at the beginning, with fewer than
        ``median_of`` losses to take it of, none is called one.
        """
        recent = self._recent
        middle = median(recent) if len(recent) == self._params.median_of else None
        if not point.taken or not math.isfinite(point.loss):
            return Anomaly(point, NOT_FINITE, middle)
        if middle is not None and point.loss > self._params.spike * middle:
            return Anomaly(point, SPIKE, middle)
        recent.append(point.loss)
        del recent[: -self._params.median_of]
        return None


@dataclass(frozen=True)
class Skip:
    """Batches that are left out, counted from 0 through the whole order."""

    batches: list[int]
    because: list[dict[str, Any]]  # the lines of their bad steps, as in bad_steps.jsonl


def batch_index(step: int, skips: list[Skip]) -> int:
    """The batch that step ``step`` (from 0) trains on.

    >>> [batch_index(step, [Skip([5, 6], []), Skip([2], [])]) for step in range(5)]
    [0, 1, 3, 4, 7]
    """
    index = step
    for batch in sorted(batch for skip in skips for batch in skip.batches):
        index += index >= batch
    return index
