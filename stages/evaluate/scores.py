"""Which answer was chosen, and the scores of a classification from its confusion matrix."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

Matrix = list[list[int]]  # rows: true class, columns: predicted class

RESAMPLES, SEED = 10_000, 42
CONFIDENCE = 0.95


def choice(log_likelihoods: Sequence[float], lengths: Sequence[int] | None = None) -> int:
    """The likeliest answer, or with ``lengths`` the likeliest a character; of equals the first."""
    values = np.array(log_likelihoods)
    return int(np.argmax(values if lengths is None else values / np.array(lengths)))


def answer_lengths(continuations: Iterable[str]) -> list[int]:
    """Characters of each answer without the space before it, as the published tables count."""
    return [len(text.removeprefix(" ")) for text in continuations]


def confusion(pairs: Iterable[tuple[int, int]], classes: int) -> Matrix:
    """How often each (true, predicted) pair occurs, as ``classes`` rows of ``classes`` counts."""
    matrix = [[0] * classes for _ in range(classes)]
    for true, predicted in pairs:
        matrix[true][predicted] += 1
    return matrix


def macro_f1(matrix: Matrix) -> float:
    """Mean F1 over the classes that occur, true or predicted, as scikit-learn defines it."""
    return float(macro_f1s(np.array([matrix]))[0])


def accuracy(matrix: Matrix) -> float:
    """Share of documents on the diagonal."""
    return float(accuracies(np.array([matrix]))[0])


def macro_f1s(matrices: np.ndarray) -> np.ndarray:
    """``macro_f1`` of many matrices, ``[matrices, classes, classes]``."""
    occurrences = matrices.sum(1) + matrices.sum(2)
    hits = 2 * matrices.diagonal(axis1=1, axis2=2)
    return (hits / np.maximum(occurrences, 1)).sum(1) / (occurrences > 0).sum(1)


def accuracies(matrices: np.ndarray) -> np.ndarray:
    """``accuracy`` of many matrices, ``[matrices, classes, classes]``."""
    return matrices.trace(axis1=1, axis2=2) / matrices.sum((1, 2))


def resampled(matrix: Matrix, seed: int = SEED) -> np.ndarray:
    """int64 ``[RESAMPLES, classes, classes]``: matrices of documents drawn with replacement.

    To draw n of n documents is to draw n from the multinomial distribution over the cells.
    """
    cells = np.array(matrix)
    draws = np.random.default_rng(seed).multinomial(
        cells.sum(), cells.ravel() / cells.sum(), RESAMPLES
    )
    return draws.reshape(-1, *cells.shape)


def interval(matrix: Matrix, score: Callable[[np.ndarray], np.ndarray]) -> list[float]:
    """Both ends of the bootstrap's percentile interval of a score, at ``CONFIDENCE``."""
    tail = 50 * (1 - CONFIDENCE)
    ends = np.percentile(score(resampled(matrix)), [tail, 100 - tail])
    return [round(float(end), 6) for end in ends]


def is_constant(matrix: Matrix) -> bool:
    """Whether every document got the same answer: such a score says nothing about the model."""
    return sum(any(column) for column in zip(*matrix, strict=True)) == 1
