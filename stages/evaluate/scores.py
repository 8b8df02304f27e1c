"""Scores of a classification, from its confusion matrix."""

from collections.abc import Iterable

Matrix = list[list[int]]  # rows: true class, columns: predicted class


def confusion(pairs: Iterable[tuple[int, int]], classes: int) -> Matrix:
    """How often each (true, predicted) pair occurs, as ``classes`` rows of ``classes`` counts."""
    matrix = [[0] * classes for _ in range(classes)]
    for true, predicted in pairs:
        matrix[true][predicted] += 1
    return matrix


def macro_f1(matrix: Matrix) -> float:
    """Mean F1 over the classes that occur, true or predicted, as scikit-learn defines it."""
    scores = []
    for label, row in enumerate(matrix):
        occurrences = sum(row) + sum(other[label] for other in matrix)
        if occurrences:
            scores.append(2 * row[label] / occurrences)
    return sum(scores) / len(scores)


def accuracy(matrix: Matrix) -> float:
    """Share of documents on the diagonal."""
    return sum(row[label] for label, row in enumerate(matrix)) / sum(map(sum, matrix))


def is_constant(matrix: Matrix) -> bool:
    """Whether every document got the same answer: such a score says nothing about the model."""
    return sum(any(column) for column in zip(*matrix, strict=True)) == 1
