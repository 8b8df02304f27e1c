"""Batches read ahead by a thread, while the device computes."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from torch import Tensor


class Reader:
    """Gives batches by their index, and reads the one that is said to follow meanwhile."""

    def __init__(self, read: Callable[[int], Tensor]) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, "reader")
        self._ahead: tuple[int, Future[Tensor]] | None = None

    def batch(self, index: int, following: int | None) -> Tensor:
        """Batch ``index``; ``following`` is the one asked for next, if there is one.

        Raises whatever reading raises.
        """
        ahead, self._ahead = self._ahead, None
        read = ahead[1].result if ahead and ahead[0] == index else partial(self._read, index)
        batch = read()
        if following is not None:
            self._ahead = following, self._thread.submit(self._read, following)
        return batch
